// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
	"github.com/ethpeer/ethpeer/p2p"
)

// runBubble runs a server in a synctest bubble until stop is called, which returns its
// events.
func runBubble(t *testing.T, cfg Config) (stop func() []event.Peer) {
	t.Helper()
	events := make(chan event.Peer, 100)
	cfg.Record = func(e event.Event) { events <- e.(event.Peer) }
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	return func() (all []event.Peer) {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		close(events)
		for e := range events {
			all = append(all, e)
		}
		return all
	}
}

// If a stop interrupts a dial, the end is ours and not the network's.
func TestStopDuringADialIsOurs(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		stop := runBubble(t, Config{
			Key: mustKey(t), Static: []enr.Node{nodeAt(t, 1, "127.0.0.1")},
			Dial: func(ctx context.Context, _ netip.AddrPort) (net.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			},
		})
		synctest.Wait()
		all := stop()
		if len(all) != 1 || all[0].By != event.ByUs || all[0].Stage != event.StageDial {
			t.Errorf("%+v", all)
		}
	})
}

// A node that sends bytes but no complete message costs the time of one handshake.
func TestSlowHandshakeEnds(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		ours, theirs := memnet.Pipe()
		go func() { // one byte a second, of an ack that is as long as it can be
			for b := []byte{7}; ; time.Sleep(time.Second) { // in a bubble
				if _, err := theirs.Write(b); err != nil {
					return
				}
			}
		}()
		go func() { // and reads everything
			b := make([]byte, 4096)
			for {
				if _, err := theirs.Read(b); err != nil {
					return
				}
			}
		}()
		dials := 0
		began := time.Now()
		stop := runBubble(t, Config{
			Key: mustKey(t), Static: []enr.Node{nodeAt(t, 1, "8.8.8.8")},
			Dial: func(context.Context, netip.AddrPort) (net.Conn, error) {
				if dials++; dials == 1 {
					return ours, nil
				}
				if waited := time.Since(began); waited < redialAfter || waited > redialAfter+redialOffset {
					t.Errorf("dialled again after %v", waited)
				}
				return nil, errors.New("enough")
			},
		})
		time.Sleep(redialAfter + 2*redialOffset) // in a bubble
		theirs.Close()
		all := stop()
		if len(all) != 2 || all[0].Stage != event.StageRLPx || all[0].Lasted != setupTimeout {
			t.Errorf("%+v", all)
		}
	})
}

// While there is no room for a peer, no node is dialled.
func TestFullServerDoesNotDial(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		var dials atomic.Int32
		s, err := New(Config{
			Key: mustKey(t), Static: []enr.Node{nodeAt(t, 1, "127.0.0.1")}, MaxPeers: 1,
			Dial: func(context.Context, netip.AddrPort) (net.Conn, error) {
				dials.Add(1)
				return nil, memnet.ErrRefused
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		other := enr.ID{1}
		if err := s.admission.put(other, in(false)); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- s.Run(ctx) }()
		time.Sleep(time.Minute) // in a bubble
		if n := dials.Load(); n > 0 {
			t.Errorf("%d dials without room", n)
		}
		s.admission.leave(other)
		s.results <- connResult{over: true, outcome: outcome{id: other}}
		synctest.Wait()
		if dials.Load() == 0 {
			t.Error("there is room, and nobody is dialled")
		}
		cancel()
		<-ended
	})
}

// A place is free again after any end of its peer.
func TestPlacesComeBack(t *testing.T) {
	a := runNode(t, func(c *Config) { c.MaxPeers, c.NoDial = 1, true })
	for range 5 {
		b := runNode(t, dialling(a.self))
		wantEvent(t, b, event.PeerUp, event.StageEth)
		wantEvent(t, a, event.PeerUp, event.StageEth)
		b.stop()
		if e := wantEvent(t, a, event.PeerDown, event.StageEth); e.Reason != p2p.ReasonQuitting.String() {
			t.Errorf("%+v", e)
		}
	}
}
