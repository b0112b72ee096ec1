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
	hostTimeout = 5 * time.Second
	hostsAtOnce = 4
	hostsAgain  = 30 * time.Second // after a round in which somebody was not found
)

// hosts are bootnodes that have a name in place of an address.
type hosts struct {
	lookup func(ctx context.Context, host string) ([]netip.Addr, error)

	mu       sync.Mutex // guards what follows
	waiting  []enr.Node
	resolved []enr.Node
}

// known returns the nodes whose addresses were found.
func (h *hosts) known() []enr.Node {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.resolved)
}

// take returns who waits to be looked up; one puts back who could not be.
func (h *hosts) take() []enr.Node {
	h.mu.Lock()
	defer h.mu.Unlock()
	waiting := h.waiting
	h.waiting = nil
	return waiting
}

func (h *hosts) one(ctx context.Context, n enr.Node) {
	ctx, cancel := context.WithTimeout(ctx, hostTimeout)
	defer cancel()
	ips, err := h.lookup(ctx, n.Host)
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil || len(ips) == 0 {
		h.waiting = append(h.waiting, n)
		return
	}
	n.IP = ips[0].Unmap()
	h.resolved = append(h.resolved, n)
}
