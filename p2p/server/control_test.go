// SPDX-License-Identifier: Apache-2.0

package server

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/p2p"
)

// Checklist row 13. RemovePeer sends "requested" and returns when the peer has ended.
func TestRemovePeerBlocksUntilGone(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b, key := newBench(t, nil), mustKey(t)
		r := b.peer(lan, key)
		heard := make(chan struct{})
		go func() {
			defer close(heard)
			r.wantGoodbye(p2p.ReasonRequested)
		}()
		if !b.RemovePeer(enr.IDOf(key.Public())) {
			t.Error("it was not a peer")
		}
		if n := b.count(event.PeerDown, event.StageEth); len(b.Peers()) != 0 || n != 1 {
			t.Errorf("%d peers, %d ends recorded", len(b.Peers()), n)
		}
		<-heard
		if b.RemovePeer(enr.IDOf(key.Public())) {
			t.Error("it was still a peer")
		}
	})
}

// A removed peer that does not read ends within the time for a Disconnect.
func TestRemovePeerThatDoesNotListen(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b, key := newBench(t, nil), mustKey(t)
		b.peer(lan, key)
		began := time.Now()
		b.RemovePeer(enr.IDOf(key.Public()))
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// Checklist row 14. When the event of an end is recorded, the peer is no longer listed.
func TestEndIsToldAfterTheListChanged(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		var s atomic.Pointer[Server]
		var listed, ends atomic.Int32
		b := newBench(t, func(c *Config) {
			c.Record = func(e event.Event) {
				if e.(event.Peer).Change == event.PeerDown {
					ends.Add(1)
					listed.Add(int32(len(s.Load().Peers())))
				}
			}
		})
		s.Store(b.Server)
		r := b.peer(lan, mustKey(t))
		r.Conn.Close()
		synctest.Wait()
		if ends.Load() != 1 || listed.Load() != 0 {
			t.Errorf("%d ends, %d peers listed then", ends.Load(), listed.Load())
		}
	})
}

// slowToClose is a listener that can still be reached for a second after it was closed.
type slowToClose struct{ *memListener }

func (l slowToClose) Close() error {
	time.Sleep(time.Second) // in a bubble
	return l.memListener.Close()
}

// TestStopClosesTheDoorFirst: a peer that reads our Disconnect may dial again at once, as go-ethereum does,
// and must not be accepted.
func TestStopClosesTheDoorFirst(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBench(t, func(c *Config) { c.Listener = slowToClose{c.Listener.(*memListener)} })
		r := b.peer(lan, mustKey(t))
		heard := make(chan struct{})
		go func() {
			defer close(heard)
			r.wantGoodbye(p2p.ReasonQuitting)
			if _, ok := b.connects(lan); ok {
				t.Error("told to go while others may come")
			}
			select {
			case <-b.lis.closed:
			default:
				t.Error("told to go before nobody can come any more")
			}
		}()
		b.stop()
		<-heard
	})
}

// Checklist row 15. A stop sends a Disconnect to every peer, and returns when all have ended.
func TestStopSaysGoodbye(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		const peers = 3
		heard := make(chan struct{})
		for range peers {
			r := b.peer(lan, mustKey(t))
			go func() {
				r.wantGoodbye(p2p.ReasonQuitting)
				heard <- struct{}{}
			}()
		}
		deaf := b.peer(lan, mustKey(t))
		began := time.Now()
		b.stop()
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("stopping took %v", took)
		}
		if n := b.count(event.PeerDown, event.StageEth); n != peers+1 || len(b.Peers()) != 0 {
			t.Errorf("%d ends, %d peers left", n, len(b.Peers()))
		}
		for range peers {
			<-heard
		}
		deaf.Conn.Close()
		if _, ok := b.connects(lan); ok {
			t.Error("a stopped server accepts")
		}
		b.AddPeer(nodeAt(t, 1, "127.0.0.1")) // has no effect, and does not block
		b.Trust(enr.ID{1})
		if b.RemovePeer(enr.ID{1}) {
			t.Error("a stopped server had a peer")
		}
	})
}
