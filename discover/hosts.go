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
	hostsAtOnce = 4                // names that are looked up at a time
	hostsAgain  = 30 * time.Second // between two rounds, if another is needed
)

// hostNames are bootnodes that have a host name in place of an address. A host may have several addresses, of which not all can be
// reached from here, and may move. Each call of seeds therefore gives the next of the addresses, and has the names looked up again
// in the next round. An engine asks for seeds with each refresh, soon if its table is empty.
type hostNames struct {
	lookup func(ctx context.Context, host string) ([]netip.Addr, error)

	mu     sync.Mutex // guards what follows
	all    []hostName
	wanted bool // seeds was called since the last round began
}

// A hostName is one of the bootnodes. Owner: hostNames, under its mutex.
type hostName struct {
	node enr.Node
	ips  []netip.Addr // as of the last lookup that succeeded
}

func newHostNames(nodes []enr.Node, lookup func(context.Context, string) ([]netip.Addr, error)) *hostNames {
	h := &hostNames{lookup: lookup}
	for _, n := range named(nodes) {
		h.all = append(h.all, hostName{node: n})
	}
	return h
}

// seeds returns the nodes of which an address is known. Turn counts the calls of one caller: it selects the address.
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

// round returns the names that are to be looked up now: all, if an engine looks for nodes; else those that were never found.
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

// onFound takes the addresses of a host and reports whether they are others than before.
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
