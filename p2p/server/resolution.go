// SPDX-License-Identifier: Apache-2.0

package server

import (
	"net/netip"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/enr"
)

// How often a node's address is searched for at most.
const (
	resolveFirst = time.Minute
	resolveMost  = time.Hour
)

// A resolution spaces out the searches for the address of one static node, because each costs other nodes
// many requests (devp2p/discv4.md#recursive-lookup): a search that finds nothing doubles the gap to the next.
// It also remembers which address to try first. The zero value allows a search at once. Owner: the node's
// dial while there is one, else the dialer.
type resolution struct {
	gap  time.Duration
	next time.Time

	found enr.Node // the resolver's last answer for a node that has an address from the operator; zero Node = none

	last   netip.Addr // the address that was dialled last
	worked bool       // the node was at that address
}

// order returns the addresses in the order of the attempts. It begins with the address where the last dial
// found the node. If that dial found no node and there are more addresses than one dial tries, it begins
// after the last one that was tried.
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
