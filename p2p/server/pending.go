// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"net/netip"
	"sync"

	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// pendingPerNet bounds the inbound handshakes under way from one IPv4 /24 or IPv6 /64, so
// that one network of slow starters leaves slots for others. Local networks are exempt.
const pendingPerNet = 5

// pending counts inbound handshakes that are under way. It is a leaf: connections leave it
// from their own goroutines.
type pending struct {
	slots chan struct{}

	mu  sync.Mutex // guards what follows
	net map[netip.Prefix]int
}

func newPending(most int) *pending {
	return &pending{slots: make(chan struct{}, most), net: map[netip.Prefix]int{}}
}

// reserve waits for a slot. It returns false when ctx ended first.
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

// enter counts a handshake with an address, and returns false if its network has too many.
func (p *pending) enter(ip netip.Addr) bool {
	net, counted := netOf(ip)
	if !counted {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.net[net] == pendingPerNet {
		return false
	}
	p.net[net]++
	return true
}

// leave undoes enter.
func (p *pending) leave(ip netip.Addr) {
	net, counted := netOf(ip)
	if !counted {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.net[net]--; p.net[net] == 0 {
		delete(p.net, net)
	}
}

// netOf returns the network that shares an address's fate; counted is false if it does not
// count.
func netOf(ip netip.Addr) (net netip.Prefix, counted bool) {
	group := netgroup.Of(ip)
	return group.Narrow, !group.IsZero()
}

// exempt reports whether an address is spared what protects against strangers, since many
// honest peers may share it: that of a local network, or none, as over a pipe.
func exempt(ip netip.Addr) bool { return netgroup.Of(ip).IsZero() }
