// SPDX-License-Identifier: Apache-2.0

package server

import (
	"testing"
	"testing/synctest"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/p2p"
)

const lan, wan = "127.0.0.1:1000", "8.8.8.8:1000"

// onlyInbound configures a server with so many places, all for inbound peers.
func onlyInbound(places int) func(*Config) {
	return func(c *Config) { c.MaxPeers, c.NoDial = places, true }
}

// Checklist row 3. The first frame from a full server is the Disconnect.
func TestFullServerSaysSoBeforeHello(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBench(t, onlyInbound(1))
		b.peer(lan, mustKey(t))
		b.join(lan, mustKey(t)).wantGoodbye(p2p.ReasonTooManyPeers)
	})
}

// Checklist row 4. A trusted node is admitted although the server is full.
func TestTrustedNodeIsAdmittedWhenFull(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		atStart, later := mustKey(t), mustKey(t)
		b := newBench(t, func(c *Config) {
			onlyInbound(1)(c)
			c.Trusted = []enr.ID{enr.IDOf(atStart.Public())}
		})
		b.peer(lan, mustKey(t))
		b.peer(lan, atStart)
		r := b.join(lan, later) // may be the trusted node, until its Hello has another key
		r.hello(p2p.Cap{Name: "nod", Version: 1})
		r.wantGoodbye(p2p.ReasonTooManyPeers)
		b.Trust(enr.IDOf(later.Public()))
		b.peer(lan, later)
		if n := len(b.Peers()); n != 3 {
			t.Errorf("%d peers", n)
		}
	})
}

// Checklist row 5. A static node that dials us is refused when the server is full.
func TestStaticNodeIsRefusedWhenFull(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBench(t, onlyInbound(1))
		b.peer(lan, mustKey(t))
		key := mustKey(t)
		b.AddPeer(enr.Node{Key: key.Public(), IP: nodeAt(t, 1, "127.0.0.1").IP, TCP: 1})
		b.join(lan, key).wantGoodbye(p2p.ReasonTooManyPeers)
	})
}

// Checklist row 6. A server for one peer, if it dials, keeps that place for its dial.
func TestOnePlaceIsForDialling(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBench(t, func(c *Config) { c.MaxPeers = 1 })
		b.join(lan, mustKey(t)).wantGoodbye(p2p.ReasonTooManyPeers)
	})
}

// Checklist row 7.
func TestDuplicateIsRefused(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b, key := newBench(t, nil), mustKey(t)
		b.peer(lan, key)
		r := b.join(lan, key)
		r.hello(p2p.Cap{Name: "nod", Version: 1})
		r.wantGoodbye(p2p.ReasonAlreadyConnected)
		if len(b.Peers()) != 1 {
			t.Error("the first connection is gone")
		}
	})
}

// Checklist row 8.
func TestOwnKeyIsRefused(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		r := b.join(lan, b.key)
		r.hello(p2p.Cap{Name: "nod", Version: 1})
		r.wantGoodbye(p2p.ReasonSelf)
	})
}

// Checklist row 9, on the wire.
func TestDuplicateAtAFullServerHearsThatItIsFull(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b, key := newBench(t, onlyInbound(1)), mustKey(t)
		b.peer(lan, key)
		b.join(lan, key).wantGoodbye(p2p.ReasonTooManyPeers)
	})
}

// Checklist row 10. The second checkpoint checks for a shared protocol first.
func TestNoSharedProtocol(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBench(t, onlyInbound(1))
		foreign := b.join(lan, mustKey(t))
		known := b.join(lan, mustKey(t))
		known.hello(p2p.Cap{Name: "nod", Version: 1})
		synctest.Wait() // the server is full now, and has not yet seen the other one's Hello
		foreign.hello(p2p.Cap{Name: "nod", Version: 2}, p2p.Cap{Name: "eth", Version: 1})
		foreign.wantGoodbye(p2p.ReasonUseless)
	})
}

// The second checkpoint checks for a place again: the faster of two nodes gets the last one.
func TestLastPlaceIsTakenBetweenTheCheckpoints(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b, key := newBench(t, onlyInbound(1)), mustKey(t)
		slow, fast := b.join(lan, key), b.join(lan, key)
		fast.hello(p2p.Cap{Name: "nod", Version: 1})
		synctest.Wait()
		slow.hello(p2p.Cap{Name: "nod", Version: 1})
		slow.wantGoodbye(p2p.ReasonTooManyPeers)
	})
}

// Checklist row 11.
func TestHelloWithAnotherKey(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		r := b.join(lan, mustKey(t))
		r.Key = mustKey(t)
		r.hello(p2p.Cap{Name: "nod", Version: 1})
		r.wantGoodbye(p2p.ReasonUnexpectedID)
	})
}

// Checklist row 12. Trust and Untrust change the flag of a peer, and the peer stays.
func TestTrustFlipsTheFlag(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b, key := newBench(t, onlyInbound(1)), mustKey(t)
		id := enr.IDOf(key.Public())
		b.peer(lan, key)
		for _, want := range []bool{false, true, true, false} {
			if want {
				b.Trust(id)
			} else {
				b.Untrust(id)
			}
			synctest.Wait()
			if p := b.Peers(); len(p) != 1 || p[0].Trusted != want {
				t.Errorf("%+v, want trusted %t", p, want)
			}
		}
		if n := b.count(event.PeerDown, event.StageEth); n > 0 {
			t.Errorf("%d peers were lost", n)
		}
	})
}
