// SPDX-License-Identifier: Apache-2.0

package discover

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/ethpeer/ethpeer/discover/self"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
	"github.com/ethpeer/ethpeer/nodedb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func keyOf(t testing.TB, n int) *ecc.PrivateKey {
	t.Helper()
	var seed [32]byte
	seed[0] = 1
	binary.BigEndian.PutUint32(seed[28:], uint32(n))
	key, err := ecc.ParsePrivateKey(seed[:])
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func nodeOf(t testing.TB, n int) enr.Node {
	return enr.Node{Key: keyOf(t, n).Public(), IP: netip.AddrFrom4([4]byte{20, byte(n), 1, 1}), TCP: 30303, UDP: 30303}
}

// TestNextBeforeOpen: a Finder that was not opened has no nodes.
func TestNextBeforeOpen(t *testing.T) {
	f, err := New(Config{Key: keyOf(t, 9), Self: self.New(self.Config{Key: keyOf(t, 9)})})
	if err != nil {
		t.Fatal(err)
	}
	if found, ok := f.Next(t.Context()); ok {
		t.Errorf("a node before Open: %+v", found)
	}
}

// TestMixIsFair: each feed that has a node gets its turn. A feed without a node loses
// its turn after patience to a feed that has one.
func TestMixIsFair(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		m := newMix(3)
		ctx, stop := context.WithCancel(t.Context())
		n := nodeOf(t, 1)
		var all sync.WaitGroup
		for i, source := range []string{"fast", "also fast"} {
			all.Go(func() {
				for m.offer(ctx, i, Found{n, source}) {
					continue
				}
			})
		}
		all.Go(func() { // one a second
			for m.offer(ctx, 2, Found{n, "slow"}) {
				time.Sleep(time.Second)
			}
		})
		synctest.Wait()
		count := map[string]int{}
		began := time.Now()
		for time.Since(began) < 10*time.Second {
			f, ok := m.next(t.Context(), nil)
			if !ok {
				t.Fatal("no node")
			}
			count[f.Source]++
			synctest.Wait()
		}
		// Each round gives two at once, and waits for the third for 100 ms or gets it.
		if f, a := count["fast"], count["also fast"]; f < 90 || a < 90 || max(f, a) > 2*min(f, a) || count["slow"] < 9 {
			t.Errorf("%v", count)
		}
		stop()
		all.Wait()
	})
}

func TestMixEnds(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		m := newMix(0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if _, ok := m.next(ctx, nil); ok {
			t.Error("a node of nobody")
		}
		over := make(chan struct{})
		close(over)
		if _, ok := newMix(1).next(t.Context(), over); ok {
			t.Error("a node after the end")
		}
	})
}

// TestHostNames: host names of bootnodes are looked up, and again after a failure; a resolved bootnode is a seed.
func TestHostNames(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		asked := map[string]int{}
		lookup := func(_ context.Context, host string) ([]netip.Addr, error) {
			mu.Lock()
			defer mu.Unlock()
			asked[host]++
			switch {
			case host == "late.example" && asked[host] < 3:
				return nil, errors.New("no such host")
			case host == "empty.example":
				return nil, nil
			}
			return []netip.Addr{netip.MustParseAddr("20.9.9.9")}, nil
		}
		var boot []enr.Node
		for i, host := range []string{"good.example", "late.example", "empty.example"} {
			n := nodeOf(t, i)
			n.IP, n.Host = netip.Addr{}, host
			boot = append(boot, n)
		}
		f, err := New(Config{Key: keyOf(t, 9), Self: self.New(self.Config{Key: keyOf(t, 9)}), Bootnodes: append(boot, nodeOf(t, 3)), Lookup: lookup})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Open(); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- f.Run(ctx) }()
		time.Sleep(time.Second)
		seeds := f.seeder(f.names)
		if n := len(seeds(time.Now())); n != 1 {
			t.Errorf("%d seeds", n)
		}
		time.Sleep(2 * hostsAgain)
		// An engine has asked for seeds once since the first round, after which all names were looked up anew.
		got := seeds(time.Now())
		mu.Lock()
		if len(got) != 2 || got[1].IP != netip.MustParseAddr("20.9.9.9") || asked["good.example"] != 2 {
			t.Errorf("%v, asked %v", got, asked)
		}
		mu.Unlock()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// A finder is a Finder with the events that it records.
type watched struct {
	*Finder
	self *self.Record
	db   *nodedb.DB

	mu     sync.Mutex // guards what follows
	events []event.Event
}

func (w *watched) record(e event.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

// finders runs one Finder for each configuration, in a network in memory, each at its own
// address.
func finders(t *testing.T, network *memnet.Datagrams, changes []func(*Config), f func(all []*watched)) {
	ctx, stop := context.WithCancel(t.Context())
	var all []*watched
	var loops sync.WaitGroup
	for i, change := range changes {
		at := nodeOf(t, i+1)
		w := &watched{self: self.New(self.Config{Key: keyOf(t, i+1), Start: time.Now()})}
		w.self.SetExternal(at.IP, 0, 0)
		w.self.SetTCP(30303)
		var err error
		if w.db, err = nodedb.New(nil); err != nil {
			t.Fatal(err)
		}
		cfg := Config{
			Key: keyOf(t, i+1), Self: w.self, V4: true, V5: true, DB: w.db, Record: w.record,
			Conn: network.Listen(netip.AddrPortFrom(at.IP, 30303)),
		}
		if i > 0 {
			cfg.Bootnodes = []enr.Node{nodeOf(t, 1)}
		}
		if change != nil {
			change(&cfg)
		}
		if w.Finder, err = New(cfg); err != nil {
			t.Fatal(err)
		}
		if err := w.Open(); err != nil {
			t.Fatal(err)
		}
		loops.Go(func() {
			if err := w.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		all = append(all, w)
	}
	f(all)
	stop()
	loops.Wait()
}

// TestTwoVersionsShareASocket: a node that supports both versions finds nodes that support only v4 and nodes that
// support only v5, and stores them.
func TestTwoVersionsShareASocket(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		onlyV4, onlyV5 := func(c *Config) { c.V5 = false }, func(c *Config) { c.V4 = false }
		finders(t, memnet.NewDatagrams(), []func(*Config){nil, onlyV4, onlyV5, onlyV4, onlyV5, nil}, func(all []*watched) {
			time.Sleep(time.Minute)
			last := all[5]
			sources := map[enr.ID][]string{}
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			for len(sources) < 5 {
				found, ok := last.Next(ctx)
				if !ok {
					t.Fatalf("found %v", sources)
				}
				sources[found.Node.ID()] = append(sources[found.Node.ID()], found.Source)
			}
			for i, want := range []string{"", SourceV4, SourceV5, SourceV4, SourceV5} {
				got := sources[nodeOf(t, i+1).ID()]
				if want != "" && slices.ContainsFunc(got, func(s string) bool { return s != want }) {
					t.Errorf("node %d comes from %v, want %v", i+1, got, want)
				}
			}
			time.Sleep(2 * time.Minute) // for each to be checked once
			if n := last.db.Len(); n < 4 {
				t.Errorf("%d nodes are remembered", n)
			}
			for i := 1; i <= 5; i++ {
				if n, ok := last.Resolve(t.Context(), enr.Node{Key: keyOf(t, i).Public()}); !ok || n.IP != nodeOf(t, i).IP {
					t.Errorf("resolved %v, %v", n, ok)
				}
			}
			if n, ok := all[1].Resolve(t.Context(), enr.Node{Key: keyOf(t, 1).Public()}); !ok || n.IP != nodeOf(t, 1).IP {
				t.Errorf("by v4 alone: resolved %v, %v", n, ok)
			}
		})
	})
}

// TestUnwantedTakeNoTurn: unwanted nodes are recorded with the reason, and never returned.
func TestUnwantedTakeNoTurn(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		foreign := nodeOf(t, 2).ID()
		choosy := func(c *Config) {
			c.Unfit = func(n enr.Node) string {
				if n.ID() == foreign {
					return "wrong fork"
				}
				return ""
			}
		}
		finders(t, memnet.NewDatagrams(), []func(*Config){nil, nil, nil, choosy}, func(all []*watched) {
			time.Sleep(30 * time.Second)
			w := all[3]
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			for found, ok := w.Next(ctx); ok; found, ok = w.Next(ctx) {
				if found.Node.ID() == foreign {
					t.Fatal("it was given")
				}
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			told := 0
			for _, e := range w.events {
				if c, ok := e.(event.Candidate); ok {
					told++
					if c.Peer != foreign || c.Taken || c.Why != "wrong fork" || c.Source == "" || c.Addr.Port() != 30303 {
						t.Errorf("%+v", c)
					}
				}
			}
			if told == 0 {
				t.Error("nobody was told")
			}
		})
	})
}

// TestGoodPeersComeFirst: Next returns the nodes of the store before all others, the best first, and
// again later, in case all peers were lost.
func TestGoodPeersComeFirst(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		remember := func(c *Config) {
			for i := range 5 {
				n := nodeOf(t, 100+i)
				c.DB.Update(n.ID(), func(e *nodedb.Entry) { e.Node, e.LastUp, e.Useful = n, time.Now(), time.Duration(i)*time.Minute })
			}
		}
		finders(t, memnet.NewDatagrams(), []func(*Config){nil, remember}, func(all []*watched) {
			time.Sleep(10 * time.Second)
			for i := 4; i >= 0; i-- {
				if f, ok := all[1].Next(t.Context()); !ok || f.Source != SourceStore || f.Node != nodeOf(t, 100+i) {
					t.Errorf("%v from %s, want node %d", f.Node, f.Source, 100+i)
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			again := 0
			for f, ok := all[1].Next(ctx); ok; f, ok = all[1].Next(ctx) {
				if f.Source == SourceStore {
					again++
				}
			}
			if again < 5 || again > 15 {
				t.Errorf("the five of the store came %d times in 10 s", again)
			}
		})
	})
}

// TestUnknownDatagrams: datagrams of no protocol are counted, and record no event.
func TestUnknownDatagrams(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		network := memnet.NewDatagrams()
		finders(t, network, []func(*Config){nil}, func(all []*watched) {
			from := network.Listen(netip.MustParseAddrPort("30.1.1.1:1"))
			to := netip.AddrPortFrom(nodeOf(t, 1).IP, 30303)
			for _, junk := range []string{"", "x", strings.Repeat("junk", 100), strings.Repeat("x", 2000)} {
				if _, err := from.WriteToUDPAddrPort([]byte(junk), to); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Second)
			if n := all[0].Unknown(); n != 4 {
				t.Errorf("%d of 4 are counted", n)
			}
			all[0].mu.Lock()
			defer all[0].mu.Unlock()
			for _, e := range all[0].events {
				if _, ok := e.(event.Loss); ok {
					t.Errorf("%+v", e)
				}
			}
		})
	})
}

// flaky is a socket that fails a number of reads in a row.
type flaky struct {
	*memnet.Packets
	err  error
	left int
}

func (f *flaky) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	if f.left == 0 {
		return f.Packets.ReadFromUDPAddrPort(b)
	}
	f.left--
	return 0, netip.AddrPort{}, f.err
}

// TestReadsThatFail: the error of a sent datagram does not stop the reader; errors without end, and errors
// that are not of the network, do.
func TestReadsThatFail(t *testing.T) {
	refused := &net.OpError{Op: "read", Err: syscall.ECONNREFUSED}
	closed := &net.OpError{Op: "read", Err: net.ErrClosed}
	for _, test := range []struct {
		name  string
		err   error
		times int
		ends  bool
	}{
		{"refused, a thousand times", refused, readFailures, false},
		{"refused, for ever", refused, readFailures + 1, true},
		{"closed", closed, 1, true},
		{"unknown", errors.New("something else"), 1, true},
	} {
		bubble.Test(t, func(t *testing.T) {
			network := memnet.NewDatagrams()
			key := keyOf(t, 1)
			socket := &flaky{network.Listen(netip.AddrPortFrom(nodeOf(t, 1).IP, 30303)), test.err, test.times}
			f, err := New(Config{Key: key, Self: self.New(self.Config{Key: key}), V4: true, Conn: socket})
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Open(); err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			began := time.Now()
			err = f.Run(ctx)
			if ends := err != nil; ends != test.ends || ends && !errors.Is(err, test.err) || !ends && time.Since(began) != time.Minute {
				t.Errorf("%s: %v after %v", test.name, err, time.Since(began))
			}
		})
	}
}

// TestPortInUse: Open fails with "address already in use", and the record keeps its endpoint.
func TestPortInUse(t *testing.T) {
	cfg := Config{Key: keyOf(t, 1), Self: self.New(self.Config{Key: keyOf(t, 1)}), V4: true, Listen: "127.0.0.1:0"}
	first, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Open(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- first.Run(ctx) }()
	cfg.Listen = first.Addr().String()
	second, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Open(); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Error(err)
	}
	if n := cfg.Self.Node(); n.IP != netip.MustParseAddr("127.0.0.1") || n.UDP != first.Addr().Port() {
		t.Errorf("the record says %v", n)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestWrongConfig(t *testing.T) {
	self := self.New(self.Config{Key: keyOf(t, 1)})
	named := nodeOf(t, 1)
	named.IP, named.Host = netip.Addr{}, "a.example"
	for name, cfg := range map[string]Config{
		"nothing":        {},
		"no socket":      {Key: keyOf(t, 1), Self: self, V4: true},
		"too many names": {Key: keyOf(t, 1), Self: self, Bootnodes: slices.Repeat([]enr.Node{named}, maxHosts+1)},
		"a bad list":     {Key: keyOf(t, 1), Self: self, Lists: []string{"https://example.org"}},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
