// SPDX-License-Identifier: Apache-2.0

package server

import (
	"net/netip"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/enr"
)

// A node's address is looked for this often at most.
const (
	resolveFirst = time.Minute
	resolveMost  = time.Hour
)

// A resolution says where to look for one static node, since each search costs other nodes many requests
// (devp2p/discv4.md#recursive-lookup): it spaces out the searches, of which each
// that finds nothing doubles the gap to the next, and knows which of its addresses to try first.
// The zero value allows a search at once. Owner: the node's dial while there is one, else the
// dialer.
type resolution struct {
	gap  time.Duration
	next time.Time

	found enr.Node // what the resolver said last of a node that the operator gave an address of; the zero Node: nothing

	last   netip.Addr // that was dialled
	worked bool       // the node was there
}

// order returns the addresses in the order in which to try them: from the one where the node was
// last; or, if they are too many for one dial, from the one after the last that was tried in vain.
func (r *resolution) order(all []netip.AddrPort) []netip.AddrPort {
	first := slices.IndexFunc(all, func(at netip.AddrPort) bool { return at.Addr() == r.last })
	switch {
	case first < 0, !r.worked && len(all) <= maxEndpoints:
		return all
	case !r.worked:
		first = (first + 1) % len(all)
	}
	return slices.Concat(all[first:], all[:first])
}

// onDial takes whether the node was at an address.
func (r *resolution) onDial(at netip.Addr, worked bool) { r.last, r.worked = at, worked }

func (r *resolution) allowed(now time.Time) bool { return !now.Before(r.next) }

// onResult takes the outcome of a search that began at the given time.
func (r *resolution) onResult(began time.Time, found bool) {
	switch {
	case found:
		r.gap = resolveFirst
	case r.gap == 0:
		r.gap = 2 * resolveFirst
	default:
		r.gap = min(2*r.gap, resolveMost)
	}
	r.next = began.Add(r.gap)
}
