// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"crypto/rand"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
	"github.com/ethpeer/ethpeer/p2p"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// nod is a protocol that needs no messages.
type nod struct{ version uint }

func (n nod) Name() string { return "nod" }

func (n nod) Versions() []p2p.Version { return []p2p.Version{{Number: n.version, Length: 1}} }

func (n nod) Open(p *p2p.Peer, v p2p.Version) (p2p.Handler, error) {
	return &nodding{peer: p, version: v.Number}, nil
}

type nodding struct {
	peer    *p2p.Peer
	version uint
	up      bool
}

func (n *nodding) Receive(uint64, []byte) (p2p.Step, error) { return nil, nil }

func (n *nodding) Tick(time.Time) (time.Time, error) {
	if !n.up {
		n.up = true
		n.peer.Up(event.StageEth, n.version)
	}
	return time.Time{}, nil
}

func (n *nodding) Close(error) {}

// node is a server that runs for a test.
type node struct {
	self   enr.Node
	key    *ecc.PrivateKey
	events chan event.Peer
	stop   context.CancelFunc
	ended  chan error
}

func runNode(t *testing.T, change func(*Config)) *node {
	t.Helper()
	key, err := ecc.NewPrivateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	n := &node{key: key, events: make(chan event.Peer, 100), ended: make(chan error, 1)}
	ready := make(chan enr.Node, 1)
	cfg := Config{
		Key: key, Client: "test", Protocols: []p2p.Protocol{nod{1}}, Listen: "127.0.0.1:0",
		Record: func(e event.Event) { n.events <- e.(event.Peer) },
		Ready:  func(self enr.Node) { ready <- self },
	}
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n.stop = cancel
	go func() { n.ended <- s.Run(ctx) }()
	n.self = <-ready
	t.Cleanup(func() {
		cancel()
		if err := <-n.ended; err != nil {
			t.Error(err)
		}
	})
	return n
}

func dialling(to ...enr.Node) func(*Config) {
	return func(c *Config) { c.Static, c.Listen = to, "" }
}

func wantEvent(t *testing.T, n *node, change event.PeerChange, stage event.Stage) event.Peer {
	t.Helper()
	select {
	case e := <-n.events:
		if e.Change != change || e.Stage != stage {
			t.Fatalf("event %v at %v (%v), want %v at %v", e.Change, e.Stage, e.Err, change, stage)
		}
		return e
	case <-time.After(20 * time.Second):
		t.Fatalf("no event; want %v at %v", change, stage)
		panic("unreachable")
	}
}

func TestTwoServersMeetAndPart(t *testing.T) {
	a := runNode(t, nil)
	b := runNode(t, dialling(a.self))
	up := wantEvent(t, a, event.PeerUp, event.StageEth)
	if up.Peer != b.self.ID() || !up.Inbound || up.Client != "test" || up.Eth != 1 || !up.Addr.IsValid() {
		t.Errorf("the listener saw %+v", up)
	}
	up = wantEvent(t, b, event.PeerUp, event.StageEth)
	if up.Peer != a.self.ID() || up.Inbound || up.Addr.Port() != a.self.TCP {
		t.Errorf("the dialler saw %+v", up)
	}
	b.stop()
	down := wantEvent(t, a, event.PeerDown, event.StageEth)
	if down.By != event.ByThem || down.Reason != p2p.ReasonQuitting.String() {
		t.Errorf("the end, as heard: %+v", down)
	}
	down = wantEvent(t, b, event.PeerDown, event.StageEth)
	if down.By != event.ByUs || down.Reason != p2p.ReasonQuitting.String() {
		t.Errorf("the end, as said: %+v", down)
	}
}

func TestConnectionsThatNeverBecomePeersAreRecorded(t *testing.T) {
	a := runNode(t, func(c *Config) { c.MaxPeers, c.NoDial = 1, true })
	wrongKey := a.self
	wrongKey.Key = nodeAt(t, 9, "127.0.0.1").Key
	closed := a.self
	closed.TCP = closedPort(t)
	noPort := a.self
	noPort.TCP = 0

	t.Run("nobody listens", func(t *testing.T) {
		e := wantEvent(t, runNode(t, dialling(closed)), event.PeerFailed, event.StageDial)
		if e.By != event.ByNetwork || e.Reason != "" || e.Peer != closed.ID() {
			t.Errorf("%+v", e)
		}
	})
	t.Run("no port", func(t *testing.T) {
		wantEvent(t, runNode(t, dialling(noPort)), event.PeerFailed, event.StageDial)
	})
	t.Run("restricted", func(t *testing.T) {
		n := runNode(t, func(c *Config) {
			dialling(a.self)(c)
			c.NetRestrict = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
		})
		wantEvent(t, n, event.PeerFailed, event.StageDial)
	})
	t.Run("restricted, inbound", func(t *testing.T) {
		n := runNode(t, func(c *Config) { c.NetRestrict = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
		wantEvent(t, runNode(t, dialling(n.self)), event.PeerFailed, event.StageRLPx)
		e := wantEvent(t, n, event.PeerFailed, event.StageAdmit)
		if e.By != event.ByUs || e.Reason != "" {
			t.Errorf("%+v", e)
		}
	})
	t.Run("wrong key", func(t *testing.T) {
		wantEvent(t, runNode(t, dialling(wrongKey)), event.PeerFailed, event.StageRLPx)
		wantEvent(t, a, event.PeerFailed, event.StageRLPx)
	})
	t.Run("no shared protocol", func(t *testing.T) {
		n := runNode(t, func(c *Config) {
			dialling(a.self)(c)
			c.Protocols = []p2p.Protocol{nod{2}}
		})
		// Both sides find the reason; either may send its Disconnect first.
		e := wantEvent(t, n, event.PeerFailed, event.StageAdmit)
		if e.Reason != p2p.ReasonUseless.String() || e.Client != "test" {
			t.Errorf("%+v", e)
		}
		wantEvent(t, a, event.PeerFailed, event.StageAdmit)
	})
	t.Run("full", func(t *testing.T) {
		first := runNode(t, dialling(a.self))
		wantEvent(t, first, event.PeerUp, event.StageEth)
		wantEvent(t, a, event.PeerUp, event.StageEth)
		second := runNode(t, dialling(a.self))
		e := wantEvent(t, second, event.PeerFailed, event.StageHello)
		if e.By != event.ByThem || e.Reason != p2p.ReasonTooManyPeers.String() {
			t.Errorf("%+v", e)
		}
		wantEvent(t, a, event.PeerFailed, event.StageAdmit)
	})
}

// Run fails at once if the port is in use.
func TestPortInUse(t *testing.T) {
	a := runNode(t, nil)
	s, err := New(Config{Key: a.key, Listen: netip.AddrPortFrom(a.self.IP, a.self.TCP).String()})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); err == nil {
		t.Error("two servers listen on one port")
	}
}

// Checklist row 24, with the whole server: a node that cannot be reached is not dialled
// again within 35 s.
func TestStaticNodeIsDialledAgain(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		began := time.Now()
		var at []time.Duration
		peer := nodeAt(t, 1, "127.0.0.1")
		stop := runBubble(t, Config{
			Key: aloneKey(t, peer), Static: []enr.Node{peer},
			Dial: func(context.Context, netip.AddrPort) (net.Conn, error) {
				at = append(at, time.Since(began))
				return nil, memnet.ErrRefused
			},
		})
		time.Sleep(4*redialAfter - time.Second) // in a bubble
		stop()
		if want := []time.Duration{0, redialAfter, 2 * redialAfter, 3 * redialAfter}; !slices.Equal(at, want) {
			t.Errorf("dials at %v", at)
		}
	})
}

// Each peer costs three goroutines, over a connection or a pipe.
func TestThreeGoroutinesPerConnection(t *testing.T) {
	a := runNode(t, nil)
	const peers = 4
	for range peers {
		n := runNode(t, dialling(a.self))
		wantEvent(t, n, event.PeerUp, event.StageEth)
		wantEvent(t, a, event.PeerUp, event.StageEth)
	}
	// Both ends of each connection are here. A goroutine that has not run yet is not seen.
	want, got := 2*peers*3, 0
	for deadline := time.Now().Add(20 * time.Second); got != want && time.Now().Before(deadline); {
		runtime.Gosched()
		got = peerGoroutines()
	}
	if got != want {
		t.Errorf("%d goroutines for %d connections with both their ends, want %d", got, peers, want)
	}
}

func peerGoroutines() (n int) {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for _, one := range strings.Split(string(stacks), "\n\n") {
		if strings.Contains(one, "/p2p.(*Peer).") || strings.Contains(one, "/server.(*connection)") {
			n++
		}
	}
	return n
}

// A stop ends handshakes that are under way, too.
func TestStopDoesNotWaitForSilentConnections(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		events := make(chan event.Event, 1)
		ours, silent := memnet.Pipe()
		defer silent.Close()
		s, err := New(Config{
			Key: mustKey(t), Static: []enr.Node{nodeAt(t, 1, "127.0.0.1")},
			Record: func(e event.Event) { events <- e },
			Dial:   func(context.Context, netip.AddrPort) (net.Conn, error) { return ours, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		began := time.Now()
		go func() { ended <- s.Run(ctx) }()
		synctest.Wait()
		cancel()
		<-ended
		e := (<-events).(event.Peer)
		if e.Stage != event.StageRLPx || e.By != event.ByUs || time.Since(began) > 0 {
			t.Errorf("%+v after %v", e, time.Since(began))
		}
	})
}

func mustKey(t *testing.T) *ecc.PrivateKey {
	t.Helper()
	k, err := ecc.NewPrivateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func closedPort(t *testing.T) uint16 {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).AddrPort().Port()
}
