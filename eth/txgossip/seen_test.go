// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// at returns the credit of a peer at an address.
func at(ip string) *credit { return &credit{group: netgroup.Of(netip.MustParseAddr(ip))} }

// A flood of one peer displaces neither what several peers mentioned, nor junk, and a flood of junk
// displaces only junk.
func TestFloodDisplacesItsOwnKind(t *testing.T) {
	s, a, b := newSeen(), new(credit), new(credit)
	s.deliver(hashOf(1), a, false)
	s.deliver(hashOf(2), a, true)
	s.deliver(hashOf(3), a, false)
	s.mention(hashOf(1), b)
	s.refuse(hashOf(4), otherChain)
	for i := range 65_536 - 1 {
		s.deliver(hashOf(100+i), b, false)
	}
	if !s.isDone(hashOf(3)) {
		t.Error("forgotten before the bound")
	}
	s.deliver(hashOf(99), b, false)
	if !s.isDone(hashOf(1)) || !s.isDone(hashOf(2)) || s.isDone(hashOf(3)) {
		t.Error("a flood displaces what several mentioned, or nothing")
	}
	if whole, why := s.mention(hashOf(4), a); !whole || why != otherChain {
		t.Error("a flood displaces junk")
	}
	for i := range 16_384 - 1 {
		s.refuse(hashOf(1<<40+i), invalid)
	}
	if !s.isDone(hashOf(4)) {
		t.Error("junk is forgotten before the bound")
	}
	s.refuse(hashOf(5), invalid)
	if s.isDone(hashOf(4)) || !s.isDone(hashOf(99)) {
		t.Error("junk is not bounded, or displaces more than junk")
	}
	for i := range 131_072 - 2 {
		s.deliver(hashOf(1<<41+i), b, true)
	}
	if !s.isDone(hashOf(2)) {
		t.Error("forgotten before the bound of those that several mentioned")
	}
	s.mention(hashOf(1), b) // it stays: it was mentioned last
	s.deliver(hashOf(6), b, true)
	if s.isDone(hashOf(2)) || !s.isDone(hashOf(1)) {
		t.Error("the one longest not mentioned makes room")
	}
}

// The first mention by another peer confirms, once; mentions by the same peer or of its network do not.
func TestConfirmation(t *testing.T) {
	s, a := newSeen(), at("34.1.2.3")
	s.deliver(hashOf(1), a, false)
	a.delivered = 10
	for _, other := range []*credit{a, at("34.1.9.9"), at("34.1.2.3")} {
		if whole, _ := s.mention(hashOf(1), other); !whole || a.useful != 0 {
			t.Errorf("confirmed by %v", other.group)
		}
	}
	for range 2 {
		if s.mention(hashOf(1), at("34.2.2.3")); a.useful != 1 {
			t.Errorf("confirmed %d times", a.useful)
		}
	}
	if whole, _ := s.mention(hashOf(2), a); whole {
		t.Error("an unknown transaction is known")
	}
	if here, there := at("127.0.0.1"), at("127.0.0.1"); !here.confirms(there) || here.confirms(here) {
		t.Error("peers on one machine are two peers")
	}
}

// A peer has its full share until it is judged, and then as long as one in 32 of what it delivers is useful;
// with less its share falls to 1, and rises again.
func TestShare(t *testing.T) {
	c := new(credit)
	deliver := func(n, useful int) {
		for i := range n {
			if c.deliver(); i < useful {
				c.confirm()
			}
		}
	}
	want := func(share int) {
		t.Helper()
		if c.turn() != share {
			t.Errorf("%d of %d useful: a share of %d; want %d", c.useful, c.delivered, c.turn(), share)
		}
	}
	want(16)
	deliver(64-1, 0)
	want(16)
	deliver(1, 0)
	want(1)
	deliver(0, 0)
	c.confirm()
	want(8) // 1 in 64
	c.confirm()
	want(16)
	deliver(1024/2, 0)
	want(1)
	for c.delivered != 1024/2 {
		deliver(1, 0)
	}
	deliver(100, 100)
	want(16)
	if c.confirm(); c.useful > c.delivered {
		t.Error("more useful deliveries than deliveries")
	}
}

// A delivery is counted once, useful or not; a block that repeats what is known and a reply that we asked
// for are not held against the peer.
func TestDeliveries(t *testing.T) {
	m := newMachine(nil, newSeen(), rand.New(rand.NewPCG(1, 2)))
	c := new(credit)
	good := heard{body: body{hash: hashOf(1)}, read: new(reading)}
	known := heard{body: body{hash: hashOf(1)}}
	bad := heard{body: body{hash: hashOf(2)}, flaw: invalid}
	junk := heard{body: body{hash: hashOf(2)}}
	odd := heard{body: body{hash: hashOf(3)}, unknown: true}
	for i, x := range []struct {
		via  event.Via
		h    heard
		want int
	}{
		{event.ViaBroadcast, good, 1},
		{event.ViaBroadcast, known, 2},
		{event.ViaBlock, known, 2},
		{event.ViaRequest, known, 2},
		{event.ViaRequest, bad, 3},
		{event.ViaBlock, junk, 4},
		{event.ViaBroadcast, odd, 5},
	} {
		if m.arrived(&arrival{via: x.via, credit: c}, []heard{x.h}); c.delivered != x.want {
			t.Errorf("arrival %d: %d deliveries, want %d", i, c.delivered, x.want)
		}
	}
	if m.invalid != 2 || m.unknown != 1 {
		t.Errorf("%d invalid, %d of an unknown type", m.invalid, m.unknown)
	}
}
