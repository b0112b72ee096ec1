// SPDX-License-Identifier: Apache-2.0

package v4

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/owner"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
)

// A host is an engine that runs in a network in memory.
type host struct {
	*Node
	remote  *remote
	packets *memnet.Packets

	mu   sync.Mutex // guards what follows
	lost uint64
	seen int // endpoints that were stated
}

// hosts runs engines until the function returns; each knows the first.
func hosts(t *testing.T, count int, f func(all []*host, add func(change func(*Config)) *host)) {
	ctx, stop := context.WithCancel(t.Context())
	network := memnet.NewDatagrams()
	var loops sync.WaitGroup
	var all []*host
	add := func(change func(*Config)) *host {
		h := &host{remote: remoteOf(t, len(all)+1)}
		h.packets = network.Listen(h.remote.addr)
		cfg := Config{
			Key: keyOf(t, len(all)+1), Conn: h.packets, Self: func() *enr.Record { return h.remote.record },
			Record: func(e event.Event) {
				h.mu.Lock()
				defer h.mu.Unlock()
				h.lost += e.(event.Loss).Count
			},
			Stated: func(_ time.Time, _ netip.Addr, at netip.AddrPort) {
				h.mu.Lock()
				defer h.mu.Unlock()
				if at == h.remote.addr {
					h.seen++
				}
			},
		}
		if len(all) > 0 {
			cfg.Bootnodes = []enr.Node{all[0].remote.contact.Node}
		}
		if change != nil {
			change(&cfg)
		}
		var err error
		if h.Node, err = New(cfg); err != nil {
			t.Fatal(err)
		}
		loops.Go(func() { _ = h.Run(ctx) })
		loops.Go(func() {
			b := make([]byte, v4wire.MaxSize)
			for {
				n, from, err := h.packets.ReadFromUDPAddrPort(b)
				if err != nil {
					return
				}
				h.Deliver(from, b[:n])
			}
		})
		all = append(all, h)
		return h
	}
	for range count {
		add(nil)
	}
	f(all, add)
	stop()
	for _, h := range all {
		h.packets.Close()
	}
	loops.Wait()
}

// hostCount is n, or 12 with the race detector: a signature then costs milliseconds, and the number of
// packets grows with the square of the number of hosts.
func hostCount(n int) int {
	if bubble.Race {
		return 12
	}
	return n
}

// TestNewcomerFindsEverybody: a node that knows one other gets all of them, with their records, from
// Next, each once in half a minute.
func TestNewcomerFindsEverybody(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		count := hostCount(50)
		hosts(t, count, func(all []*host, add func(func(*Config)) *host) {
			time.Sleep(time.Minute) // they meet
			newcomer := add(nil)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			defer cancel()
			found := map[enr.ID]time.Time{}
			for len(found) < count {
				n, ok := newcomer.Next(ctx)
				if !ok {
					for i, h := range all {
						if _, ok := found[h.remote.contact.ID]; !ok {
							t.Errorf("host %d was not found", i)
						}
					}
					break
				}
				id := n.ID()
				if at, again := found[id]; again && time.Since(at) < 30*time.Second {
					t.Errorf("%s comes again after %v", id.Short(), time.Since(at))
				}
				if n.Record == nil || n.Record.Seq() != 5 {
					t.Errorf("%s comes without its record", id.Short())
				}
				found[id] = time.Now()
			}
			newcomer.mu.Lock()
			defer newcomer.mu.Unlock()
			if newcomer.seen < min(10, count/2) {
				t.Errorf("%d nodes said where they see us", newcomer.seen)
			}
		})
	})
}

// TestQuestions: any goroutine may send each kind of request; after Run, requests fail with ErrClosed.
func TestQuestions(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		var asker *host
		count := hostCount(20)
		hosts(t, count, func(all []*host, _ func(func(*Config)) *host) {
			time.Sleep(time.Minute)
			asker = all[3]
			to := all[0].remote // all have asked it; what others know is left to chance until they look again
			if seq, err := asker.Ping(t.Context(), to.contact.Node); err != nil || seq != 5 {
				t.Errorf("ping: %d, %v", seq, err)
			}
			if r, err := asker.RequestRecord(t.Context(), to.contact.Node); err != nil || r.Text() != to.record.Text() {
				t.Errorf("record: %v, %v", r, err)
			}
			if nodes, err := asker.Findnode(t.Context(), to.contact.Node, [64]byte{1}); err != nil || len(nodes) != min(16, count-1) {
				t.Errorf("findnode: %d nodes, %v", len(nodes), err)
			}
			target := all[11].remote
			if nodes, err := asker.Lookup(t.Context(), target.key.Bytes()); err != nil || len(nodes) != min(16, count-1) || nodes[0].ID() != target.contact.ID {
				t.Errorf("lookup: %d nodes, %v", len(nodes), err)
			}
			lost := enr.Node{Key: target.key} // key without an address
			if n, ok := asker.Resolve(t.Context(), lost); !ok || n.IP != target.addr.Addr() || n.Record == nil {
				t.Errorf("resolve: %v, %v", n, ok)
			}
			if _, err := asker.Ping(t.Context(), remoteOf(t, 999).contact.Node); !errors.Is(err, ErrTimeout) {
				t.Errorf("ping of nobody: %v", err)
			}
			if _, ok := asker.Resolve(t.Context(), remoteOf(t, 999).contact.Node); ok {
				t.Error("nobody was resolved")
			}
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(errors.New("enough"))
			if _, err := asker.Ping(ctx, to.contact.Node); err == nil {
				t.Error("a request after its ctx has ended")
			}
			synctest.Wait()
			if n := len(asker.Table()); n < count/2 {
				t.Errorf("%d nodes in the table", n)
			}
		})
		if _, err := asker.Ping(t.Context(), asker.remote.contact.Node); !errors.Is(err, owner.ErrClosed) {
			t.Errorf("a request after the end: %v", err)
		}
		if _, ok := asker.Next(t.Context()); ok {
			t.Error("a node after the end")
		}
	})
}

// TestNobodyIsLookedForInVain: without a call of Next, the node sends only checks of the table.
func TestNobodyIsLookedForInVain(t *testing.T) {
	d := newDialogue(t, remoteOf(t, 1), remoteOf(t, 2))
	d.passes(2 * time.Second) // the first refresh
	d.out = nil
	d.passes(10 * time.Second)
	for _, s := range d.out {
		if s.msg.Type() != v4wire.TypePing {
			t.Errorf("%v to %v", s.msg.Type(), s.to)
		}
	}
}

// TestFullInbox: datagrams beyond a full inbox are dropped, counted and recorded.
func TestFullInbox(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		var lost atomic.Uint64
		record := remoteOf(t, 1).record
		n, err := New(Config{
			Key: keyOf(t, 1), Conn: memnet.NewDatagrams().Listen(remoteOf(t, 1).addr), Self: func() *enr.Record { return record },
			Record: func(e event.Event) {
				if l := e.(event.Loss); l.Where == "v4.inbox" {
					lost.Add(l.Count)
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		packet, _, err := v4wire.Append(nil, keyOf(t, 9), &v4wire.Ping{Expiration: time.Now().Unix() - 1})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 * maxInbox { // Run has not begun
			if !n.Deliver(remoteOf(t, i).addr, packet) {
				t.Fatal("not of this protocol")
			}
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- n.Run(ctx) }()
		synctest.Wait()
		if got := lost.Load(); got != 2*maxInbox {
			t.Errorf("%d of %d are told to be lost, want %d", got, 3*maxInbox, 2*maxInbox)
		}
		stop()
		<-ended
	})
}

// TestFloodOfOneNetwork: a flood of valid pings from one network, with any number of addresses and
// identities, fills only a part of the inbox. So signatures are recovered for that part only, and another
// node is answered at once.
func TestFloodOfOneNetwork(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		network, us, honest := memnet.NewDatagrams(), remoteOf(t, 1), remoteOf(t, 2)
		socket, theirs := network.Listen(us.addr), network.Listen(honest.addr)
		defer socket.Close()
		defer theirs.Close()
		n, err := New(Config{Key: keyOf(t, 1), Conn: socket, Self: func() *enr.Record { return us.record }})
		if err != nil {
			t.Fatal(err)
		}
		ping := &v4wire.Ping{Version: 4, Expiration: time.Now().Unix() + 20}
		for i := range 20 {
			packet, _, err := v4wire.Append(nil, keyOf(t, 100+i), ping)
			if err != nil {
				t.Fatal(err)
			}
			for j := range maxInbox { // Run has not begun
				n.Deliver(netip.AddrPortFrom(netip.AddrFrom4([4]byte{66, 6, 6, byte(j)}), uint16(30000+i)), packet)
			}
		}
		packet, _, err := v4wire.Append(nil, keyOf(t, 2), ping)
		if err != nil {
			t.Fatal(err)
		}
		n.Deliver(honest.addr, packet)
		if waiting := len(n.inbox.Waiting()); waiting > maxInbox/2 {
			t.Errorf("%d of %d places are taken", waiting, maxInbox)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- n.Run(ctx) }()
		b := make([]byte, v4wire.MaxSize)
		size, _, err := theirs.ReadFromUDPAddrPort(b)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := v4wire.Decode(b[:size]); err != nil || p.Message.Type() != v4wire.TypePong {
			t.Errorf("%+v, %v", p, err)
		}
		stop()
		<-ended
	})
}

// TestInvalidPacketsSayNothing: packets that are unsigned, malformed, expired or of an unknown type cause no
// event and no answer, in any number. A wrong hash costs no allocation.
func TestInvalidPacketsSayNothing(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		var sent, events atomic.Int64
		n, err := New(Config{
			Key: keyOf(t, 1), Conn: counted{&sent}, Self: func() *enr.Record { return remoteOf(t, 1).record },
			Record: func(e event.Event) { events.Add(1) },
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- n.Run(ctx) }()
		good, _, err := v4wire.Append(nil, keyOf(t, 9), &v4wire.Ping{Version: 4, Expiration: time.Now().Unix() + 1000})
		if err != nil {
			t.Fatal(err)
		}
		late, _, err := v4wire.Append(nil, keyOf(t, 9), &v4wire.Ping{Version: 4, Expiration: time.Now().Unix() - 1})
		if err != nil {
			t.Fatal(err)
		}
		from := remoteOf(t, 9).addr
		for name, packet := range map[string][]byte{
			"a signature that is none": changed(good, func(b []byte) { b[recoveryAt] = 9 }),
			"another signature":        changed(good, func(b []byte) { clear(b[:recoveryAt]) }),
			"an unknown type":          changed(good, func(b []byte) { b[typeAt] = 0x77 }),
			"no list":                  changed(good, func(b []byte) { b[dataAt] = 0x01 }),
			"a list without end":       changed(good, func(b []byte) { b[dataAt] = 0xff }),
			"expired":                  late,
		} {
			for range 1000 {
				if !n.Deliver(from, packet) {
					t.Fatalf("%s: taken for another protocol", name)
				}
				synctest.Wait()
			}
		}
		wrong := append([]byte(nil), good...)
		wrong[0] ^= 1
		if allocs := testing.AllocsPerRun(1000, func() {
			if n.Deliver(from, wrong) || n.Deliver(from, wrong[:50]) || n.Deliver(from, nil) {
				t.Error("a wrong hash is taken")
			}
		}); allocs != 0 {
			t.Errorf("%v allocations for a wrong hash", allocs)
		}
		stop()
		<-ended
		if sent.Load() != 0 || events.Load() != 0 {
			t.Errorf("%d answers, %d events", sent.Load(), events.Load())
		}
	})
}

// counted counts datagrams.
type counted struct{ n *atomic.Int64 }

func (c counted) WriteToUDPAddrPort(b []byte, _ netip.AddrPort) (int, error) {
	c.n.Add(1)
	return len(b), nil
}

func TestDeliverLeavesOtherProtocols(t *testing.T) {
	n, err := New(Config{Key: keyOf(t, 1), Conn: memnet.NewDatagrams().Listen(remoteOf(t, 1).addr), Self: func() *enr.Record { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	packet, _, err := v4wire.Append(nil, keyOf(t, 2), &v4wire.ENRRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range packet {
		if n.Deliver(remoteOf(t, 2).addr, packet[:i]) {
			t.Fatalf("%d bytes were taken", i)
		}
	}
	if !n.Deliver(remoteOf(t, 2).addr, packet) {
		t.Error("a packet was refused")
	}
	if _, err := New(Config{}); err == nil {
		t.Error("a node of nothing")
	}
}

// unplugged is a socket without a network.
type unplugged struct{}

func (unplugged) WriteToUDPAddrPort([]byte, netip.AddrPort) (int, error) {
	return 0, errors.New("network is unreachable")
}

// TestRefusedDatagrams: datagrams that the socket refuses are counted and recorded.
func TestRefusedDatagrams(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		var lost atomic.Uint64
		record := remoteOf(t, 1).record
		n, err := New(Config{Key: keyOf(t, 1), Conn: unplugged{}, Self: func() *enr.Record { return record }, Record: func(e event.Event) {
			if l := e.(event.Loss); l.Where == "v4.send" {
				lost.Add(l.Count)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- n.Run(ctx) }()
		if _, err := n.Ping(t.Context(), remoteOf(t, 2).contact.Node); !errors.Is(err, ErrTimeout) {
			t.Errorf("a ping without a network: %v", err)
		}
		stop()
		<-ended
		if lost.Load() != 1 {
			t.Errorf("%d were told of", lost.Load())
		}
	})
}
