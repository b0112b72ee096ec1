// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/discover/v5wire"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/netgroup"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// TestNewcomerFindsEverybody: thirty nodes, each knowing the first; one more that knows the
// first, too, finds all of them.
func TestNewcomerFindsEverybody(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		inNetwork(t, func(w *network) {
			const size = 30
			first := w.add(0, nil).start()
			for n := 1; n < size; n++ {
				w.add(n, nil, first).start()
				time.Sleep(time.Second)
			}
			time.Sleep(time.Minute)
			newcomer := w.add(size, nil, first).start()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			found := make(map[enr.ID]bool)
			for len(found) < size {
				n, ok := newcomer.Next(ctx)
				if !ok {
					t.Fatalf("found %d", len(found))
				}
				if n.Record == nil || found[n.ID()] || n.ID() == newcomer.id() {
					t.Errorf("found %v, again or without record, or ourselves", n)
				}
				found[n.ID()] = true
			}

			// Without a call of Next, the node sends only checks of the table.
			synctest.Wait()
			time.Sleep(time.Second)
			before := newcomer.sent.Load()
			time.Sleep(10 * time.Second)
			if sent := newcomer.sent.Load() - before; sent > 60 {
				t.Errorf("%d datagrams were sent", sent)
			}

			// Lookups find the true nearest.
			nodes, err := newcomer.Lookup(ctx, first.id())
			if err != nil || len(nodes) != 16 || nodes[0].ID() != first.id() {
				t.Errorf("lookup: %d nodes, %v", len(nodes), err)
			}
		})
	})
}

// pair runs f with two nodes that know nothing of each other.
func pair(t *testing.T, change func(*Config), f func(ctx context.Context, a, b *host)) {
	bubble.Test(t, func(t *testing.T) {
		inNetwork(t, func(w *network) {
			a, b := w.add(1, nil).start(), w.add(2, change).start()
			synctest.Wait()
			f(t.Context(), a, b)
		})
	})
}

func TestQuestions(t *testing.T) {
	var stated []netip.AddrPort
	var alive []enr.ID
	var lost []event.Loss
	change := func(c *Config) {
		c.Record = func(e event.Event) { lost = append(lost, e.(event.Loss)) }
		c.Stated = func(_ time.Time, _ netip.Addr, at netip.AddrPort) { stated = append(stated, at) }
		c.Alive = func(_ time.Time, n enr.Node) { alive = append(alive, n.ID()) }
		c.Talk = map[string]TalkHandler{
			"double": func(_ enr.ID, _ netip.AddrPort, data []byte) []byte { return append(data, data...) },
			"flood":  func(enr.ID, netip.AddrPort, []byte) []byte { return make([]byte, 2000) },
		}
	}
	pair(t, change, func(ctx context.Context, a, b *host) {
		if seq, err := b.Ping(ctx, a.node()); seq != 1 || err != nil {
			t.Error(seq, err)
		}
		if !slices.Equal(stated, []netip.AddrPort{b.addr}) || !slices.Equal(alive, []enr.ID{a.id()}) {
			t.Error("learned", stated, alive)
		}
		if r, err := b.RequestRecord(ctx, a.node()); err != nil || r.ID() != a.id() {
			t.Error(r, err)
		}
		if nodes, err := b.Findnode(ctx, a.node(), []uint{0}); err != nil || len(nodes) != 1 || nodes[0].ID() != a.id() {
			t.Error(nodes, err)
		}
		if data, err := a.TalkRequest(ctx, b.node(), "double", []byte("ab")); string(data) != "abab" || err != nil {
			t.Errorf("%q %v", data, err)
		}
		for _, protocol := range []string{"flood", "unknown"} {
			if data, err := a.TalkRequest(ctx, b.node(), protocol, nil); len(data) != 0 || err != nil {
				t.Errorf("%q %v", data, err)
			}
		}
		if _, err := a.TalkRequest(ctx, b.node(), "double", make([]byte, 2000)); !errors.Is(err, v5wire.ErrTooLarge) {
			t.Error(err)
		}
		time.Sleep(time.Minute) // losses are told now and then
		if synctest.Wait(); len(lost) != 1 || lost[0].Where != "v5.talk" || lost[0].Count != 1 {
			t.Errorf("lost are %+v", lost)
		}
		for _, dists := range [][]uint{{256}, make([]uint, 257)} {
			if _, err := a.Findnode(ctx, b.node(), dists); err != nil {
				t.Errorf("%d distances: %v", len(dists), err)
			}
		}
		if _, err := a.Findnode(ctx, b.node(), []uint{257}); err == nil {
			t.Error("distance 257 was asked for")
		}
		if _, err := a.Findnode(ctx, b.node(), make([]uint, 258)); err == nil {
			t.Error("258 distances were asked for")
		}
	})
}

func TestSilence(t *testing.T) {
	pair(t, nil, func(ctx context.Context, a, b *host) {
		b.stop()
		<-b.over
		began := time.Now()
		if _, err := a.Ping(ctx, b.node()); !errors.Is(err, ErrTimeout) || time.Since(began) != timeout {
			t.Error(err, time.Since(began))
		}
		if _, ok := a.Resolve(ctx, b.node()); ok {
			t.Error("resolved a node that nobody knows")
		}

		if nodes, err := a.Lookup(ctx, b.id()); len(nodes) != 0 || err != nil {
			t.Error("looked up by a node that knows nobody", nodes, err)
		}

		// Questions end with their context, and with Run.
		short, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		if _, err := a.Ping(short, b.node()); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if _, ok := a.Next(short); ok {
			t.Error("found a node")
		}
		if _, err := b.Ping(ctx, a.node()); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
		if _, err := b.Lookup(ctx, a.id()); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
		if _, ok := b.Next(ctx); ok {
			t.Error("found a node")
		}
		waiting := make(chan error)
		go func() {
			_, err := a.Ping(ctx, b.node())
			waiting <- err
		}()
		synctest.Wait()
		a.stop()
		if err := <-waiting; !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	})
}

// TestResolveBelievesNoRecord: if a record states an address where the node does not respond, or one of a
// LAN, the node stays where it has responded.
func TestResolveBelievesNoRecord(t *testing.T) {
	for _, stated := range []string{"34.9.9.9:30303", "192.168.1.1:30303", "169.254.169.254:30303"} {
		pair(t, nil, func(ctx context.Context, a, b *host) {
			known := b.node()
			b.record.Store(testRecord(t, b.key, 2, netip.MustParseAddrPort(stated)))
			n, ok := a.Resolve(ctx, known)
			if at, _ := n.UDPAddr(); !ok || at != b.addr || n.Record.Seq() != 2 {
				t.Errorf("%s: resolved to %v, %v", stated, n, ok)
			}
			nodes, err := a.Findnode(ctx, known, []uint{0})
			if err != nil || len(nodes) != 1 || nodes[0].Record.Seq() != 2 || netgroup.KindOf(nodes[0].IP) != netgroup.Global {
				t.Errorf("%s: %v, %v", stated, nodes, err)
			}
		})
	}
}

// TestResolve: the new endpoint of a node that moved comes from the node itself, or from other nodes.
func TestResolve(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		inNetwork(t, func(w *network) {
			ctx := t.Context()
			first := w.add(1, nil).start()
			a, b := w.add(2, nil, first).start(), w.add(3, nil, first).start()
			time.Sleep(20 * time.Second)
			known := b.node()
			b.record.Store(testRecord(t, b.key, 2, b.addr))
			if n, ok := a.Resolve(ctx, known); !ok || n.Record.Seq() != 2 {
				t.Error(n, ok)
			}
			moved := known
			moved.UDP, moved.Record = 40404, nil
			if n, ok := a.Resolve(ctx, moved); !ok || n.UDP != b.addr.Port() {
				t.Error(n, ok)
			}
			nowhere := moved
			nowhere.IP = netip.Addr{}
			if n, ok := a.Resolve(ctx, nowhere); !ok || n.UDP != b.addr.Port() {
				t.Error(n, ok)
			}
			if n, ok := a.Resolve(ctx, enr.Node{Key: testKey(t, 99).Public()}); ok {
				t.Error("nobody knows it:", n)
			}
			b.stop() // what others have of it proves nothing
			if n, ok := a.Resolve(ctx, nowhere); ok {
				t.Error(n, ok)
			}
		})
	})
}

func TestNewer(t *testing.T) {
	key := testKey(t, 1)
	at, elsewhere := netip.MustParseAddrPort("34.1.1.1:30303"), netip.MustParseAddrPort("34.1.1.1:30304")
	first, second := testRecord(t, key, 1, at).Node(), testRecord(t, key, 2, at).Node()
	plain, port, host := first, first, first
	plain.Record, port.Record, host.Record = nil, nil, nil
	port.UDP, host.IP = elsewhere.Port(), netip.MustParseAddr("34.1.1.2")
	for _, test := range []struct {
		name   string
		n, had enr.Node
		want   bool
	}{
		{"a higher record", second, first, true},
		{"the same record", first, first, false},
		{"a lower record", first, second, false},
		{"a record", first, plain, true},
		{"no record beside one", port, first, false},
		{"the same place", plain, plain, false},
		{"another port", port, plain, true},
		{"another address", host, plain, true},
	} {
		if got := newer(test.n, test.had); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

// TestDeliver: datagrams for other nodes are refused, datagrams beyond a full inbox are dropped and
// counted, and Deliver never blocks.
func TestDeliver(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		inNetwork(t, func(w *network) {
			var lost []event.Loss
			a := w.add(1, func(c *Config) {
				c.Record = func(e event.Event) { lost = append(lost, e.(event.Loss)) }
			})
			for _, b := range [][]byte{nil, make([]byte, 100), make([]byte, 2000)} {
				if a.Deliver(a.addr, b) {
					t.Errorf("%d zeros were taken", len(b))
				}
			}
			codec := v5wire.NewCodec(rand.NewChaCha8([32]byte{9}), testKey(t, 9), testRecord(t, testKey(t, 9), 1, a.addr))
			packet, _, err := codec.AppendMessage(nil, a.id(), a.addr, new(v5wire.Ping))
			if err != nil {
				t.Fatal(err)
			}
			for i := range inboxSize + 5 {
				if !a.Deliver(netip.AddrPortFrom(netip.AddrFrom4([4]byte{35, byte(i), 9, 9}), 1), packet) {
					t.Fatal("a packet was refused")
				}
			}
			if a.sent.Load() != 0 {
				t.Error("sent before Run")
			}
			a.start()
			time.Sleep(time.Hour)
			if a.sent.Load() != inboxSize {
				t.Errorf("%d answers", a.sent.Load())
			}
			if len(lost) != 1 || lost[0].Where != "v5.inbox" || lost[0].Count != 5 {
				t.Errorf("%+v", lost)
			}
		})
	})
}

// TestSeeds: nodes that passed more than 5 checks are passed to Stored, and suffice as Seeds of another run.
func TestSeeds(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		inNetwork(t, func(w *network) {
			stored := make(map[enr.ID]enr.Node)
			a := w.add(1, nil).start()
			b := w.add(2, func(c *Config) { c.Stored = func(_ time.Time, n enr.Node) { stored[n.ID()] = n } }, a)
			b.start()
			time.Sleep(2 * time.Minute)
			b.stop()
			<-b.over
			if len(stored) != 1 {
				t.Fatalf("%d are stored", len(stored))
			}
			again := w.add(3, func(c *Config) { c.Seeds = func(time.Time) []enr.Node { return []enr.Node{stored[a.id()]} } })
			again.start()
			time.Sleep(10 * time.Second)
			if cs := again.Table(); len(cs) != 1 || cs[0].ID != a.id() {
				t.Errorf("table: %v", cs)
			}
		})
	})
}

func TestConfig(t *testing.T) {
	key, conn := testKey(t, 1), new(sink)
	record, other := testRecord(t, key, 1, selfAt), testRecord(t, testKey(t, 2), 1, selfAt)
	self := func(r *enr.Record) func() *enr.Record { return func() *enr.Record { return r } }
	for name, cfg := range map[string]Config{
		"nothing":         {},
		"no connection":   {Key: key, Self: self(record)},
		"no record":       {Key: key, Conn: conn},
		"an empty record": {Key: key, Conn: conn, Self: self(nil)},
		"another's":       {Key: key, Conn: conn, Self: self(other)},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := New(Config{Key: key, Conn: conn, Self: self(record)}); err != nil {
		t.Error(err)
	}
}
