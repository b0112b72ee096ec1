// SPDX-License-Identifier: Apache-2.0

package server

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/p2p"
)

// informed is a protocol that describes its peers after a second.
type informed struct {
	nod
	since time.Time
}

func (i informed) PeerInfo(enr.ID) any {
	if time.Since(i.since) < time.Second {
		return nil
	}
	return 42
}

// Peers lists what is known, sorted.
func TestPeers(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		keys := []*ecc.PrivateKey{mustKey(t), mustKey(t), mustKey(t)}
		for _, k := range keys {
			b.peer(lan, k)
		}
		peers := b.Peers()
		if len(peers) != len(keys) {
			t.Fatalf("%d peers", len(peers))
		}
		for i, p := range peers {
			if i > 0 && string(peers[i-1].ID[:]) >= string(p.ID[:]) {
				t.Error("not sorted by ID")
			}
			if p.Received == 0 || p.Sent == 0 {
				t.Errorf("%d bytes received, %d sent after the Hellos", p.Received, p.Sent)
			}
			if p.Client != "them" || !p.Inbound || p.Static || p.Trusted || p.Since.IsZero() || p.Addr.String() != lan ||
				len(p.Caps) != 1 || len(p.Protocols) != 1 || p.Protocols[0].String() != "nod/1" || p.Protocols[0].Info != "unknown" {
				t.Errorf("%+v", p)
			}
		}
	})
}

// Checklist row 57. The description of a peer before the protocol's handshake is "handshake".
func TestPeerInfoOfProtocols(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBench(t, func(c *Config) { c.Protocols = []p2p.Protocol{nod{2}, informed{nod{1}, time.Now()}} })
		b.peer(lan, mustKey(t))
		for _, want := range []any{"handshake", 42} {
			if got := b.Peers()[0].Protocols[0].Info; got != want {
				t.Errorf("%v, want %v", got, want)
			}
			time.Sleep(time.Second) // in a bubble
		}
	})
}

// chatty is a protocol that sends one message.
type chatty struct{ nod }

func (chatty) Open(p *p2p.Peer, _ p2p.Version) (p2p.Handler, error) {
	p.Lane(0, &sayOnce{})
	p.Wake()
	return &nodding{peer: p}, nil
}

type sayOnce struct{ said bool }

func (s *sayOnce) Next(out *p2p.Out, _ int) bool {
	if s.said {
		return false
	}
	s.said = true
	out.Code, out.Raw = 0, append(out.Raw[:0], 0xc0)
	return true
}

// Checklist row 56, for the server: OnMessage is called if it is set.
func TestMessageEventsAreOptional(t *testing.T) {
	for _, on := range []bool{true, false} {
		bubble.Test(t, func(t *testing.T) {
			heard := make(chan p2p.MessageEvent, 10)
			b := newBench(t, func(c *Config) {
				c.Protocols = []p2p.Protocol{chatty{nod{1}}}
				if on {
					c.OnMessage = func(e p2p.MessageEvent) { heard <- e }
				}
			})
			key := mustKey(t)
			r := b.join(lan, key)
			r.hello(p2p.Cap{Name: "nod", Version: 1})
			if code, _, err := r.Conn.Read(soon()); err != nil || code != 16 {
				t.Fatalf("message %#x, %v", code, err)
			}
			synctest.Wait()
			close(heard)
			e, ok := <-heard
			if ok != on || on && (e.Peer != enr.IDOf(key.Public()) || e.Code != 0 || e.Size != 1 || !e.Sent) {
				t.Errorf("hook %t: %+v, %t", on, e, ok)
			}
		})
	}
}
