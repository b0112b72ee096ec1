// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/p2p"
)

// A fickleNode accepts each connection, and ends it with its reason after a while.
type fickleNode struct {
	t      *testing.T
	node   enr.Node
	lasts  time.Duration // of a session; 0 = it says goodbye in the place of its Hello
	reason p2p.Reason
	plain  bool // it says goodbye right after its Hello, without snappy, as Nethermind does
}

func (f *fickleNode) dial(context.Context, netip.AddrPort) (net.Conn, error) {
	ours, theirs := memnet.Pipe()
	key := keyOf(f.t, 1)
	go func() {
		defer theirs.Close()
		r := &peers.Raw{Stream: theirs, Key: key}
		if r.Accept(soon()) != nil {
			return
		}
		if f.lasts > 0 {
			if _, err := r.Greet(soon(), "them", p2p.Cap{Name: "nod", Version: 1}); err != nil {
				return
			}
			go func() {
				var err error
				for err == nil {
					_, _, err = r.Conn.Read(time.Now().Add(time.Hour))
				}
			}()
			for began := time.Now(); time.Since(began) < f.lasts; time.Sleep(5 * time.Second) { // in a bubble
				if r.Say(peers.CodePong, []byte{0xc0}) != nil {
					return
				}
			}
		}
		p2p.SayGoodbye(r.Conn, &p2p.LocalClose{Reason: f.reason})
	}()
	return ours, nil
}

// A static node is dialled again as soon as geth would dial it, after the ends that a full geth gives,
// however many there are in a row.
func TestNamedNodeIsAskedAgainSoon(t *testing.T) {
	for _, test := range []struct {
		name   string
		lasts  time.Duration
		reason p2p.Reason
		plain  bool
		wait   time.Duration // from an end to the next dial
	}{
		{"full", 0, p2p.ReasonTooManyPeers, false, redialAfter},
		{"full, without snappy", 0, p2p.ReasonTooManyPeers, true, redialAfter},
		{"dropped after ten minutes", 10 * time.Minute, p2p.ReasonUseless, false, redialAfter},
		{"useless at once", 5 * time.Second, p2p.ReasonUseless, false, redialMost},
		{"full after an hour", time.Hour, p2p.ReasonTooManyPeers, false, 0},
		{"quit", time.Hour, p2p.ReasonQuitting, false, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				streets, node := newStreets(), nodeAt(t, 1, "9.9.9.9")
				other := &fickleNode{t: t, node: node, lasts: test.lasts, reason: test.reason, plain: test.plain}
				streets.answer = other.dial
				b := newBench(t, func(c *Config) { c.Key, c.Static, c.Dial = aloneKey(t, node), []enr.Node{node}, streets.dial })
				const sessions = 12
				time.Sleep(sessions * (test.lasts + test.wait + time.Minute)) // in a bubble
				b.stop()
				time.Sleep(6 * time.Second) // for the other side
				b.mu.Lock()
				defer b.mu.Unlock()
				times := streets.times()
				if len(times) < sessions {
					t.Fatalf("dialled at %v", times)
				}
				for i, e := range b.events {
					// The last end is ours.
					if !e.Static || e.Change != event.PeerUp && e.By != event.ByThem && i < len(b.events)-1 {
						t.Fatalf("%+v", e)
					}
				}
				for i := 1; i < len(times); i++ {
					if wait := times[i] - times[i-1] - test.lasts; wait < test.wait || wait > test.wait+2*time.Second {
						t.Errorf("dial %d comes %v after the end of the one before, want %v", i, wait, test.wait)
					}
				}
			})
		})
	}
}
