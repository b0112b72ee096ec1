// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"net/netip"
	"sync"

	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// pendingPerNet bounds the inbound handshakes (devp2p/rlpx.md#initial-handshake) under way from one IPv4 /24,
// IPv6 /64 or IPv6 /56. At most half of all may be from one IPv4 /16 or IPv6 /32. So a network that starts
// handshakes slowly leaves slots for others. Local networks are exempt.
const pendingPerNet = 5

// pending counts the inbound handshakes under way. It is a leaf: connections call leave on their own
// goroutines.
type pending struct {
	slots chan struct{}
	share netgroup.Share

	mu     sync.Mutex // guards what follows
	groups netgroup.Counts
}

func newPending(most int) *pending {
	return &pending{
		slots:  make(chan struct{}, most),
		share:  netgroup.Share{Narrow: pendingPerNet, Wide: max(most/2, pendingPerNet)},
		groups: netgroup.Counts{},
	}
}

// reserve waits for a slot. It returns false if ctx ends first.
func (p *pending) reserve(ctx context.Context) bool {
	select {
	case p.slots <- struct{}{}:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// release gives a slot back.
func (p *pending) release() { <-p.slots }

// enter counts a handshake with an address. It returns false if the address's network has too many.
func (p *pending) enter(ip netip.Addr) bool {
	of := netgroup.Of(ip)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.groups.Full(of, p.share) {
		return false
	}
	p.groups.Add(of)
	return true
}

// leave undoes enter.
func (p *pending) leave(ip netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.groups.Remove(netgroup.Of(ip))
}
