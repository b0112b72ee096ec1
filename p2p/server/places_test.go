// SPDX-License-Identifier: Apache-2.0

package server

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/netgroup"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/p2p"
)

// from is a stranger that comes from an address.
func from(ip string) member {
	return member{inbound: true, group: netgroup.Of(netip.MustParseAddr(ip))}
}

// TestInboundShares: with any number of addresses and keys, a network gets its share of the inbound places.
func TestInboundShares(t *testing.T) {
	for _, test := range []struct {
		format   string
		max      int
		dialled  int
		restrict netgroup.Prefixes
		want     int
	}{
		{"34.1.2.%d", 50, 16, nil, 4},          // a /24: an eighth of 34
		{"34.1.%d.2", 50, 16, nil, 8},          // a /16: a quarter
		{"2a01:4f8:1:2::%x", 50, 16, nil, 4},   // a /64
		{"2a01:4f8:1:%x::1", 50, 16, nil, 4},   // a /56
		{"2a01:4f8:1:%x00::1", 50, 16, nil, 8}, // a /48
		{"2a01:4f8:%x::1", 50, 16, nil, 8},     // a /32
		{"34.1.2.%d", 50, 0, nil, 6},
		{"34.1.%d.2", 50, 0, nil, 12},
		{"34.1.%d.2", 3, 1, nil, 1}, // one at least
		{"10.0.0.%d", 50, 16, nil, 34},
		{"34.1.2.%d", 50, 16, netgroup.MustParse("34.0.0.0/8"), 4},
		{"34.1.%d.2", 50, 16, netgroup.MustParse("34.0.0.0/8"), 34}, // the operator wants that network
	} {
		a, in := newAdmission(enr.ID{0xff}, test.max, test.dialled, test.restrict), 0
		for i := range 200 {
			id, m := enr.ID{1, byte(i)}, from(fmt.Sprintf(test.format, i+1))
			early, err := a.checkInbound(time.Now(), m.group), a.put(id, m)
			if (early == nil) != (err == nil) || err != nil && reasonOf(err) != p2p.ReasonTooManyPeers {
				t.Fatalf("the checkpoints say %v and %v", early, err)
			}
			if err == nil {
				in++
			}
		}
		if in != test.want {
			t.Errorf("%s has %d of %d inbound places, want %d", test.format, in, test.max-test.dialled, test.want)
		}
		friend := enr.ID{2}
		a.trust(friend, true)
		if err := a.put(friend, from(fmt.Sprintf(test.format, 201))); err != nil {
			t.Errorf("%s: a trusted node counts: %v", test.format, err)
		}
		if err := a.put(enr.ID{3}, member{group: from(fmt.Sprintf(test.format, 202)).group}); err != nil && in < test.max {
			t.Errorf("%s: a dialled node counts: %v", test.format, err)
		}
		for i := range 200 {
			if _, ok := a.find(enr.ID{1, byte(i)}); ok {
				a.leave(enr.ID{1, byte(i)})
			}
		}
		if len(a.groups) != 0 || a.inbound != 1 {
			t.Errorf("%s: still counted: %v, and %d", test.format, a.groups, a.inbound)
		}
	}
}

// crowded returns a server whose 8 inbound places are taken: by three peers of the network 1.1, two of 1.2,
// and three of networks of their own. Later peers have higher numbers.
func crowded(t *testing.T) (a *admission, now time.Time) {
	a, now = newAdmission(enr.ID{0xff}, 10, 2, nil), time.Unix(1000, 0)
	a.share = netgroup.Share{Narrow: 8, Wide: 8}
	for i, ip := range []string{"1.1.1.1", "1.1.2.1", "1.2.1.1", "1.1.3.1", "1.2.2.1", "1.3.1.1", "1.4.1.1", "1.5.1.1"} {
		now = now.Add(time.Minute)
		if victim, err := a.admit(now, enr.ID{byte(i)}, from(ip)); err != nil || victim != nil {
			t.Fatal(victim, err)
		}
	}
	return a, now
}

// TestNewcomerDisplaces: when the inbound places are taken, a newcomer from a network without a peer
// displaces the youngest peer of the most crowded network, once in 10 s.
func TestNewcomerDisplaces(t *testing.T) {
	a, now := crowded(t)
	for _, ip := range []string{"1.1.4.1", "1.5.2.1", "10.0.0.1"} { // of networks with a peer, and local
		if err := a.put(enr.ID{90}, from(ip)); reasonOf(err) != p2p.ReasonTooManyPeers {
			t.Errorf("from %s: %v", ip, err)
		}
	}
	// The victim, by the time since the last displacement. Of two crowded networks it is the younger peer.
	for i, step := range []struct {
		wait   time.Duration
		victim int // -1: none
	}{{time.Minute, 3}, {10*time.Second - 1, -1}, {1, 4}, {10 * time.Second, 1}, {time.Hour, -1}} {
		now = now.Add(step.wait)
		id, m := enr.ID{50, byte(i)}, from(fmt.Sprintf("2.%d.1.1", i))
		early := a.checkInbound(now, m.group)
		victim, err := a.admit(now, id, m)
		if (early == nil) != (step.victim >= 0) || (err == nil) != (step.victim >= 0) || (victim != nil) != (step.victim >= 0) {
			t.Fatalf("step %d: %v, then %v", i, early, err)
		}
		if victim == nil {
			continue
		}
		old := enr.ID{byte(step.victim)}
		if got := a.peers[old]; !got.leaving || !victim.since.Equal(got.since) {
			t.Errorf("step %d: another peer makes room than %d", i, step.victim)
		}
		if a.count() != 8 || a.inbound != 8 {
			t.Errorf("step %d: %d peers, %d inbound", i, a.count(), a.inbound)
		}
		if err := a.put(old, from("3.1.1.1")); err == nil {
			t.Error("a peer that makes room comes a second time before it has ended")
		}
		if i%2 == 0 {
			a.leave(old)
		}
	}
}

// TestNoDisplacement: trusted and static peers, dialled ones and local ones never make room.
func TestNoDisplacement(t *testing.T) {
	a, now := crowded(t)
	for _, i := range []byte{0, 3, 4} {
		a.trust(enr.ID{i}, true)
	}
	a.name(enr.ID{1}, true)
	victim, err := a.admit(now, enr.ID{60}, from("2.1.1.1"))
	if err != nil || !a.peers[enr.ID{2}].leaving || victim == nil {
		t.Fatalf("the one stranger of the crowded networks stays: %v", err)
	}
	now = now.Add(time.Minute)
	if victim, err := a.admit(now, enr.ID{61}, from("2.2.1.1")); err == nil {
		t.Errorf("in place of %+v", victim)
	}

	a = newAdmission(enr.ID{0xff}, 4, 2, nil)
	for i, m := range []member{{}, {}, {inbound: true}, {inbound: true}} {
		m.inbound = i >= 2
		if err := a.put(enr.ID{byte(i)}, m); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.admit(now, enr.ID{60}, from("2.1.1.1")); reasonOf(err) != p2p.ReasonTooManyPeers {
		t.Errorf("in place of a dialled or local peer: %v", err)
	}
}

// TestPlacesKeepTheirBooks: after any admissions and ends, no network has more than its share, no more peers
// are counted than there are places, and no count remains.
func TestPlacesKeepTheirBooks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, now := newAdmission(enr.ID{0xff}, 12, 2, nil), time.Unix(1000, 0)
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 12).Draw(t, "wait")) * time.Second)
			id := enr.ID{rapid.Byte().Draw(t, "id")}
			switch _, known := a.find(id); {
			case known:
				a.leave(id)
			case rapid.Bool().Draw(t, "inbound"):
				ip := netip.AddrFrom4([4]byte{1, byte(rapid.IntRange(0, 12).Draw(t, "wide")), byte(rapid.IntRange(0, 2).Draw(t, "net")), id[0]})
				_, _ = a.admit(now, id, member{inbound: true, group: netgroup.Of(ip)})
			default:
				_, _ = a.admit(now, id, member{})
			}
			inbound, leaving, groups := 0, 0, netgroup.Counts{}
			for _, m := range a.peers {
				switch {
				case m.leaving:
					leaving++
				case m.inbound:
					inbound++
					groups.Add(m.group)
				}
			}
			if a.count() > a.max || inbound > a.maxInbound || inbound != a.inbound || leaving != a.leaving || len(groups) != len(a.groups) {
				t.Fatalf("%d peers, %d inbound (%d), %d leaving (%d), networks %v", a.count(), a.inbound, inbound, a.leaving, leaving, a.groups)
			}
			for net, n := range groups {
				if n != a.groups[net] || net.Bits() == 16 && n > a.share.Wide || net.Bits() == 24 && n > a.share.Narrow {
					t.Fatalf("%v has %d, counted %d", net, n, a.groups[net])
				}
			}
		}
	})
}

// inboundOf counts the peers of a network.
func (b *bench) inboundOf(net string) (n int) {
	for _, p := range b.Peers() {
		if netip.MustParsePrefix(net).Contains(p.Addr.Addr()) {
			n++
		}
	}
	return n
}

// Attack: one owner of an IPv6 /48 and an IPv4 /16 connects from new addresses with new keys all the time. It
// gets its share, and honest nodes, one a minute, are admitted at once and stay.
func TestOneOwnerTakesItsShare(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		knock := func(address string) {
			r := &remote{&peers.Raw{Stream: b.connect(address), Key: mustKey(t)}, t}
			if r.Initiate(b.key.Public(), soon()) != nil {
				return
			}
			if _, err := r.Greet(soon(), "them", p2p.Cap{Name: "nod", Version: 1}); err == nil {
				go r.live()
			}
		}
		knocks := 12 // from each network in a minute
		// Fewer attempts with the race detector, which makes the cryptography of each handshake ten times slower.
		if bubble.Race {
			knocks = 4
		}
		for minute := range 18 {
			for i := range knocks {
				knock(fmt.Sprintf("[2a01:4f8:1:%x::%x]:1000", 256*minute+20*i, i+1))
				knock(fmt.Sprintf("34.1.%d.%d:1000", 11*minute+i, i+1))
				time.Sleep(time.Minute / time.Duration(knocks)) // in a bubble
				if six, four := b.inboundOf("2a01:4f8:1::/48"), b.inboundOf("34.1.0.0/16"); six > 34/4 || four > 34/4 {
					t.Fatalf("peers of one /48: %d, of one /16: %d", six, four)
				}
			}
			go b.peer(fmt.Sprintf("99.%d.1.1:1000", minute), mustKey(t)).live()
		}
		if six, four, honest := b.inboundOf("2a01:4f8:1::/48"), b.inboundOf("34.1.0.0/16"), b.inboundOf("99.0.0.0/8"); six != 8 || four != 8 || honest != 18 {
			t.Errorf("peers of one /48: %d, of one /16: %d, honest ones: %d", six, four, honest)
		}
		b.peer("98.1.1.1:1000", mustKey(t)) // all places are taken
		synctest.Wait()
		if six, four := b.inboundOf("2a01:4f8:1::/48"), b.inboundOf("34.1.0.0/16"); six+four != 15 {
			t.Errorf("nothing made room for a node of a new network: %d, %d", six, four)
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		last := b.events[len(b.events)-2:] // the newcomer's beginning and the other's end, recorded by two goroutines
		if !slices.ContainsFunc(last, func(e event.Peer) bool {
			return e.Change == event.PeerDown && e.By == event.ByUs && e.Reason == p2p.ReasonTooManyPeers.String()
		}) {
			t.Errorf("told is %+v", last)
		}
	})
}

// live keeps the connection alive: it reads, and answers pings, until the server ends it.
func (r *remote) live() {
	r.IgnorePings = false
	defer r.Stream.Close()
	for {
		code, _, err := r.Read()
		if err == nil && code == peers.CodePing {
			err = r.Say(peers.CodePong, []byte{0xc0})
		}
		if err != nil {
			return
		}
	}
}
