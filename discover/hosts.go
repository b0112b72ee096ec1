// SPDX-License-Identifier: Apache-2.0

package discover

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/enr"
)

const (
	hostsAtOnce = 4                // lookups at a time
	hostsAgain  = 30 * time.Second // between two rounds
)

// hostNames holds the bootnodes that have a host name in place of an address. A host may have several addresses, may be reachable
// at only some of them, and may move. Each call of seeds therefore returns the next address of each host, and the next round looks
// the names up again. An engine calls seeds at each refresh, and refreshes often while its table is empty.
type hostNames struct {
	lookup func(ctx context.Context, host string) ([]netip.Addr, error)

	mu     sync.Mutex // guards what follows
	all    []hostName
	wanted bool // seeds was called since the last round began
}

// A hostName is one of the bootnodes. Owner: hostNames, under its mutex.
type hostName struct {
	node enr.Node
	ips  []netip.Addr // of the last successful lookup
}

func newHostNames(nodes []enr.Node, lookup func(context.Context, string) ([]netip.Addr, error)) *hostNames {
	h := &hostNames{lookup: lookup}
	for _, n := range named(nodes) {
		h.all = append(h.all, hostName{node: n})
	}
	return h
}

// seeds returns the nodes that have a resolved address. Turn, the count of the caller's calls, selects the address.
func (h *hostNames) seeds(turn int) (nodes []enr.Node) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wanted = true
	for _, one := range h.all {
		if len(one.ips) > 0 {
			n := one.node
			n.IP = one.ips[turn%len(one.ips)]
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// addresses returns all resolved addresses.
func (h *hostNames) addresses() (all []netip.Addr) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, one := range h.all {
		all = append(all, one.ips...)
	}
	return all
}

// round returns the names to look up now: all names if seeds was called since the last round, else those without an address.
func (h *hostNames) round() (names []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, one := range h.all {
		if (h.wanted || len(one.ips) == 0) && !slices.Contains(names, one.node.Host) {
			names = append(names, one.node.Host)
		}
	}
	h.wanted = false
	return names
}

// onFound stores the addresses of a host and reports whether they changed.
func (h *hostNames) onFound(host string, ips []netip.Addr) (changed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.all {
		if one := &h.all[i]; one.node.Host == host && !slices.Equal(one.ips, ips) {
			one.ips, changed = ips, true
		}
	}
	return changed
}
