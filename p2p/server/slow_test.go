// SPDX-License-Identifier: Apache-2.0

package server

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/p2p"
)

// statusWait is how long the protocol of these tests waits for a Status, as eth does.
const statusWait = 5 * time.Second

// stat is a protocol that is up once the other side has said something.
type stat struct{ nod }

func (s stat) Open(p *p2p.Peer, v p2p.Version) (p2p.Handler, error) {
	return &waiting{nodding{peer: p, version: v.Number}, time.Now().Add(statusWait)}, nil
}

type waiting struct {
	nodding
	until time.Time
}

func (w *waiting) Receive(uint64, []byte) (p2p.Step, error) {
	return w, nil
}

// Run takes the Status.
func (w *waiting) Run(now time.Time) error {
	_, err := w.nodding.Tick(now)
	return err
}

func (w *waiting) Tick(now time.Time) (time.Time, error) {
	switch {
	case w.up:
		return time.Time{}, nil
	case now.Before(w.until):
		return w.until, nil
	}
	return time.Time{}, errors.New("no Status")
}

// GHSA-6r9q-wjp4-34gh: connections from any number of networks never send Status
// (devp2p/caps/eth.md#status-0x00), or never a Hello. Each takes a handshake slot and then an inbound place,
// in the share of its network, for 5 s each. There are never more than there are places, and an honest node
// is admitted.
func TestConnectionsWithoutStatus(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBench(t, func(c *Config) { c.Protocols, c.MaxPeers = []p2p.Protocol{stat{nod{1}}}, 20 }) // 14 inbound
		let, seconds := 0, 15
		// Fewer seconds with the race detector, which makes the cryptography of each handshake ten times slower.
		if bubble.Race {
			seconds = 8
		}
		for second := range seconds {
			for i := range 30 {
				stream, ok := b.connects(fmt.Sprintf("%d.%d.1.1:1000", 20+second, i))
				if !ok {
					continue // the slots are taken
				}
				r := &remote{&peers.Raw{Stream: stream, Key: mustKey(t)}, t}
				if r.Initiate(b.key.Public(), soon()) != nil {
					continue
				}
				if i%2 == 0 {
					continue // no Hello
				}
				if _, err := r.Greet(soon(), "them", p2p.Cap{Name: "nod", Version: 1}); err == nil {
					let++
					go r.live() // no Status
				}
			}
			if n := len(b.Peers()); n > 14 {
				t.Fatalf("%d inbound connections at once", n)
			}
			time.Sleep(time.Second) // in a bubble
		}
		if let < 2*seconds {
			t.Errorf("%d attackers had a place", let)
		}
		time.Sleep(2 * setupTimeout) // in a bubble
		if n := len(b.Peers()); n != 0 {
			t.Errorf("%d connections without Status are left", n)
		}
		b.mu.Lock()
		for _, e := range b.events {
			if e.Lasted > setupTimeout+statusWait {
				t.Errorf("a connection without Status lasts %v", e.Lasted)
			}
		}
		b.mu.Unlock()
		r := b.peer("99.1.1.1:1000", mustKey(t))
		if err := r.Say(16, []byte{0xc0}); err != nil {
			t.Fatal(err)
		}
		go r.live()             // from here on it alone writes
		time.Sleep(time.Minute) // in a bubble
		if n := b.count(event.PeerUp, event.StageEth); n != 1 || len(b.Peers()) != 1 {
			t.Errorf("the honest node is up %d times", n)
		}
	})
}
