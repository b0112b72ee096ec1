// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
	"github.com/ethpeer/ethpeer/p2p"
)

// streets is the network that a server dials into. It records the nodes that were dialled, and when.
type streets struct {
	mu    sync.Mutex
	began time.Time
	dials []dialled
	// answer accepts a dial or not; by default there is no node.
	answer func(ctx context.Context, at netip.AddrPort) (net.Conn, error)
}

type dialled struct {
	at    netip.AddrPort
	after time.Duration
}

func newStreets() *streets {
	return &streets{began: time.Now(), answer: func(context.Context, netip.AddrPort) (net.Conn, error) {
		return nil, memnet.ErrRefused
	}}
}

func (s *streets) dial(ctx context.Context, at netip.AddrPort) (net.Conn, error) {
	s.mu.Lock()
	s.dials = append(s.dials, dialled{at, time.Since(s.began)})
	s.mu.Unlock()
	return s.answer(ctx, at)
}

func (s *streets) hosts() (hosts []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.dials {
		hosts = append(hosts, d.at.Addr().String())
	}
	return hosts
}

// times rounds down to whole seconds.
func (s *streets) times() (times []time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.dials {
		times = append(times, d.after.Truncate(time.Second))
	}
	return times
}

// never answers and never refuses.
func never(ctx context.Context, _ netip.AddrPort) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// fakeSource has some candidates, and then no more for ever.
type fakeSource struct {
	nodes []enr.Node
}

func (f *fakeSource) Next(ctx context.Context) (Candidate, bool) {
	if len(f.nodes) == 0 {
		<-ctx.Done()
		return Candidate{}, false
	}
	n := f.nodes[0]
	f.nodes = f.nodes[1:]
	return Candidate{n, "test"}, true
}

// manyNodes returns nodes with addresses 1.1.0.1, 1.2.0.1 and so on, each in a network of its own.
func manyNodes(t testing.TB, from, to byte) (nodes []enr.Node) {
	for n := from; n <= to; n++ {
		one := nodeAt(t, n, "1.0.0.1")
		one.IP = netip.AddrFrom4([4]byte{1, n, 0, 1})
		nodes = append(nodes, one)
	}
	return nodes
}

// aloneKey is a key whose ID is below those of the nodes, which are not random, so that
// none of them is dialled with redialOffset.
func aloneKey(t testing.TB, nodes ...enr.Node) *ecc.PrivateKey {
	for n := uint16(1000); n < 2000; n++ {
		k := keyOf(t, n)
		id := enr.IDOf(k.Public())
		if !slices.ContainsFunc(nodes, func(n enr.Node) bool {
			other := n.ID()
			return slices.Compare(other[:], id[:]) < 0
		}) {
			return k
		}
	}
	t.Fatal("no key")
	return nil
}

// Checklist row 22. With 50 places 16 are for dials, so 32 dials may be under way; and
// never more than MaxPending.
func TestConcurrentDials(t *testing.T) {
	for _, test := range []struct{ peers, pending, want int }{{50, 50, 32}, {50, 10, 10}, {1, 50, 2}} {
		bubble.Test(t, func(t *testing.T) {
			net := newStreets()
			net.answer = never
			source := &fakeSource{nodes: manyNodes(t, 1, 90)}
			newBench(t, func(c *Config) {
				c.MaxPeers, c.MaxPending, c.Candidates, c.Dial = test.peers, test.pending, source, net.dial
			})
			if n := len(net.hosts()); n != test.want {
				t.Errorf("%+v: %d dials at once", test, n)
			}
			if left := 90 - len(source.nodes); left != test.want+1 {
				t.Errorf("%d candidates were asked for: want one more than there are slots", left)
			}
		})
	}
}

// Checklist row 23. Candidates get the slots that static nodes leave.
func TestStaticBeforeDynamic(t *testing.T) {
	for _, test := range []struct {
		static  byte
		dynamic int
	}{{2, 4}, {5, 1}, {6, 0}, {9, 0}} {
		bubble.Test(t, func(t *testing.T) {
			net := newStreets()
			net.answer = never
			newBench(t, func(c *Config) {
				c.MaxPeers = 9 // 3 places, 6 slots
				c.Static, c.Candidates, c.Dial = manyNodes(t, 1, test.static), &fakeSource{nodes: manyNodes(t, 50, 60)}, net.dial
			})
			dynamic := 0
			hosts := net.hosts()
			for _, h := range hosts {
				if netip.MustParseAddr(h).As4()[1] >= 50 {
					dynamic++
				}
			}
			if len(hosts) != 6 || dynamic != test.dynamic {
				t.Errorf("%+v: dialled %v", test, hosts)
			}
		})
	}
}

// Checklist row 24. A candidate that comes again is not dialled again within 35 s.
func TestNoRedialWithin35Seconds(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		net := newStreets()
		one := manyNodes(t, 1, 1)[0]
		source := make(endless)
		newBench(t, func(c *Config) {
			c.Key, c.Candidates, c.Dial = aloneKey(t, one), source, net.dial
		})
		for range 80 {
			source <- one
			time.Sleep(time.Second) // in a bubble
		}
		if want := []time.Duration{0, redialAfter, 2 * redialAfter}; !slices.Equal(net.times(), want) {
			t.Errorf("dialled at %v, want %v", net.times(), want)
		}
	})
}

// endless is a source that the test feeds.
type endless chan enr.Node

func (e endless) Next(ctx context.Context) (Candidate, bool) {
	select {
	case n := <-e:
		return Candidate{n, "test"}, true
	case <-ctx.Done():
		return Candidate{}, false
	}
}

// repeating is a source that knows one node only.
type repeating enr.Node

func (r repeating) Next(ctx context.Context) (Candidate, bool) {
	return Candidate{enr.Node(r), "test"}, ctx.Err() == nil
}

// A source with useless candidates does not keep the server busy.
func TestUselessSourceIsPaced(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		net := newStreets()
		newBench(t, func(c *Config) {
			c.Key = aloneKey(t, manyNodes(t, 1, 1)...)
			c.Candidates, c.Dial = repeating(manyNodes(t, 1, 1)[0]), net.dial
		})
		time.Sleep(redialAfter + time.Second) // in a bubble
		if n := len(net.hosts()); n != 2 {
			t.Errorf("%d dials", n)
		}
	})
}

// Checklist row 25. A static node whose connection is cut is connected again, 35 s after
// it was dialled or, if that is past, at once.
func TestStaticNodeIsReconnected(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		other := newBench(t, func(c *Config) { c.Key = keyOf(t, 1) })
		static := other.Self()
		const trip = time.Second
		var cut net.Conn
		streets := newStreets()
		streets.answer = func(context.Context, netip.AddrPort) (net.Conn, error) {
			time.Sleep(trip) // in a bubble; by then they have heard of the cut
			ours, theirs := memnet.Pipe()
			other.lis.conns <- addressed{theirs, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 7}}
			cut = ours
			return addressed{ours, other.lis.Addr()}, nil
		}
		b := newBench(t, func(c *Config) {
			c.Key, c.Dial = aloneKey(t, static), streets.dial
		})
		b.AddPeer(static)
		b.AddPeer(static) // twice is once
		for _, lasts := range []time.Duration{10 * time.Second, 90 * time.Second, time.Second} {
			time.Sleep(trip) // in a bubble
			synctest.Wait()
			if p := b.Peers(); len(p) != 1 || !p[0].Static || p[0].Inbound || p[0].ID != static.ID() {
				t.Fatalf("%+v", p)
			}
			dials := streets.times()
			next := streets.began.Add(dials[len(dials)-1] + redialAfter)
			time.Sleep(lasts) // in a bubble
			if time.Now().Before(next) {
				cut.Close()
				time.Sleep(time.Until(next) - time.Nanosecond) // in a bubble
				if synctest.Wait(); len(streets.hosts()) != len(dials) {
					t.Error("dialled too soon")
				}
				time.Sleep(time.Nanosecond) // in a bubble
			} else {
				cut.Close()
			}
		}
		synctest.Wait()
		b.RemovePeer(static.ID())
		time.Sleep(time.Hour) // in a bubble
		if n := len(streets.hosts()); n != 4 {
			t.Errorf("%d dials", n)
		}
		other.stop()
		b.stop()
	})
}

// fakeResolver knows where nodes are, and remembers when it was asked.
type fakeResolver struct {
	mu    sync.Mutex
	began time.Time
	asked []time.Duration
	found enr.Node // the zero node: nothing
}

func (f *fakeResolver) Resolve(_ context.Context, n enr.Node) (enr.Node, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, time.Since(f.began))
	return f.found, f.found.TCP != 0
}

// Checklist row 26. A static node without an address is looked for, and then dialled.
func TestStaticNodeWithoutAddressIsResolved(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		static, net := nodeAt(t, 1, ""), newStreets()
		net.answer = never
		newBench(t, func(c *Config) {
			c.Static, c.Dial = []enr.Node{static}, net.dial
			c.Resolver = &fakeResolver{found: nodeAt(t, 1, "9.8.7.6")}
		})
		if got := net.hosts(); !slices.Equal(got, []string{"9.8.7.6"}) {
			t.Errorf("dialled %v", got)
		}
	})
}

// A resolver that answers with another node, or a restricted one, leads to no dial.
func TestResolverIsNotTrusted(t *testing.T) {
	for _, found := range []enr.Node{nodeAt(t, 2, "10.0.0.1"), nodeAt(t, 1, "9.8.7.6"), nodeAt(t, 1, "")} {
		bubble.Test(t, func(t *testing.T) {
			net := newStreets()
			newBench(t, func(c *Config) {
				c.Static, c.Dial = []enr.Node{nodeAt(t, 1, "")}, net.dial
				c.NetRestrict = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
				c.Resolver = &fakeResolver{found: found}
			})
			if got := net.hosts(); len(got) > 0 {
				t.Errorf("dialled %v", got)
			}
		})
	}
}

// A host name is looked up at each dial.
func TestHostNameIsLookedUp(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		static, net := nodeAt(t, 1, ""), newStreets()
		static.Host = "boot.example.org"
		ips := []string{"9.9.9.1", "9.9.9.2"}
		newBench(t, func(c *Config) {
			c.Static, c.Dial = []enr.Node{static}, net.dial
			c.Lookup = func(_ context.Context, host string) ([]netip.Addr, error) {
				if host != static.Host || len(ips) == 0 {
					return nil, errors.New("no such host")
				}
				ip := ips[0]
				ips = ips[1:]
				return []netip.Addr{netip.MustParseAddr(ip)}, nil
			}
		})
		time.Sleep(3 * (redialAfter + redialOffset)) // in a bubble
		if got := net.hosts(); !slices.Equal(got, []string{"9.9.9.1", "9.9.9.2"}) {
			t.Errorf("dialled %v", got)
		}
	})
}

// A static node that does not answer at its address is searched for once, and dialled once more. A node that
// answers wrongly is not.
func TestStaticNodeIsLookedForWhenItDoesNotAnswer(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		net, r := newStreets(), &fakeResolver{found: nodeAt(t, 1, "9.8.7.6")}
		b := newBench(t, func(c *Config) {
			c.Static, c.Dial, c.Resolver = []enr.Node{nodeAt(t, 1, "1.1.1.1")}, net.dial, r
		})
		if got := net.hosts(); !slices.Equal(got, []string{"1.1.1.1", "9.8.7.6"}) || len(r.asked) != 1 {
			t.Errorf("dialled %v, asked %d times", got, len(r.asked))
		}
		if n := b.count(event.PeerFailed, event.StageDial); n != 1 {
			t.Errorf("%d ends of one connection recorded", n)
		}
		time.Sleep(redialAfter + redialOffset) // in a bubble
		synctest.Wait()
		if got := net.hosts(); len(got) != 4 || got[2] != "1.1.1.1" || got[3] != "9.8.7.6" {
			t.Errorf("what was found is forgotten, or comes before what the operator gave: dialled %v", got)
		}
	})
	bubble.Test(t, func(t *testing.T) {
		streets, r := newStreets(), &fakeResolver{found: nodeAt(t, 1, "9.8.7.6")}
		streets.answer = func(context.Context, netip.AddrPort) (net.Conn, error) {
			ours, theirs := memnet.Pipe()
			theirs.Close()
			return ours, nil
		}
		newBench(t, func(c *Config) {
			c.Static, c.Dial, c.Resolver = []enr.Node{nodeAt(t, 1, "1.1.1.1")}, streets.dial, r
		})
		if len(r.asked) != 0 || len(streets.hosts()) != 1 {
			t.Error("a handshake that fails is no reason to look for the node")
		}
	})
}

// Checklist row 27. The gap begins with 60 s, doubles with each failure up to an hour, and
// begins again after a success. Dials, every 35 s, wait for it.
func TestResolveGap(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		static, r := nodeAt(t, 1, ""), &fakeResolver{began: time.Now()}
		newBench(t, func(c *Config) {
			c.Key = aloneKey(t, static)
			c.Static, c.Resolver = []enr.Node{static}, r
		})
		time.Sleep(8 * time.Hour) // in a bubble
		r.mu.Lock()
		defer r.mu.Unlock()
		gap := 2 * resolveFirst
		if len(r.asked) < 8 {
			t.Fatalf("asked at %v", r.asked)
		}
		for i := range r.asked[1:] {
			got := r.asked[i+1] - r.asked[i]
			if got < gap || got > gap+redialMost {
				t.Errorf("gap %d is %v, want %v", i, got, gap)
			}
			gap = min(2*gap, resolveMost)
		}
	})
	var r resolution
	now := time.Unix(1000, 0)
	for _, step := range []struct {
		found bool
		gap   time.Duration
	}{
		{true, time.Minute},
		{true, time.Minute},
		{false, 2 * time.Minute},
		{false, 4 * time.Minute},
		{true, time.Minute},
		{false, 2 * time.Minute},
		{false, 4 * time.Minute},
		{false, 8 * time.Minute},
		{false, 16 * time.Minute},
		{false, 32 * time.Minute},
		{false, time.Hour},
		{false, time.Hour},
	} {
		if !r.allowed(now) {
			t.Fatal("not allowed when its time has come")
		}
		r.onResult(now, step.found)
		if now = now.Add(step.gap); r.allowed(now.Add(-1)) {
			t.Fatalf("%+v: allowed too soon", step)
		}
	}
}

// Checklist row 28. Nodes outside of NetRestrict are not dialled, whatever names them.
func TestNetRestrictDials(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		net := newStreets()
		b := newBench(t, func(c *Config) {
			c.NetRestrict = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
			c.Static, c.Candidates, c.Dial = manyNodes(t, 1, 2), &fakeSource{nodes: append(manyNodes(t, 3, 5), nodeAt(t, 6, ""))}, net.dial
		})
		b.AddPeer(manyNodes(t, 7, 7)[0])
		time.Sleep(time.Minute) // in a bubble
		if got := net.hosts(); len(got) > 0 {
			t.Errorf("dialled %v", got)
		}
		if n := b.count(event.PeerFailed, event.StageDial); n != 3 {
			t.Errorf("of 3 static nodes %d are reported", n)
		}
	})
}

// Checklist row 5. A static node is not dialled if the server has no place for it. Once it is trusted, it is
// dialled.
func TestStaticNodeAtAFullServer(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		streets, friend := newStreets(), mustKey(t)
		b := newBench(t, func(c *Config) {
			c.MaxPeers, c.Dial, c.Trusted = 1, streets.dial, []enr.ID{enr.IDOf(friend.Public())}
		})
		b.peer(lan, friend) // takes the only place
		static := manyNodes(t, 1, 1)[0]
		b.AddPeer(static)
		time.Sleep(10 * time.Second) // in a bubble
		if len(streets.hosts()) > 0 || len(b.Peers()) != 1 {
			t.Error("dialled without a place")
		}
		b.Trust(static.ID())
		synctest.Wait()
		if len(streets.hosts()) != 1 {
			t.Error("a trusted static node is not dialled")
		}
	})
}

// NoDial forbids every dial.
func TestNoDial(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		net := newStreets()
		newBench(t, func(c *Config) {
			c.NoDial, c.Dial = true, net.dial
			c.Static, c.Candidates = manyNodes(t, 1, 2), &fakeSource{nodes: manyNodes(t, 3, 5)}
		})
		time.Sleep(time.Minute) // in a bubble
		if got := net.hosts(); len(got) > 0 {
			t.Errorf("dialled %v", got)
		}
	})
}

// A candidate waits for as long as its verdict says.
func TestCandidateBacksOffByVerdict(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		other := newBench(t, func(c *Config) { c.Key, c.Protocols = keyOf(t, 1), []p2p.Protocol{nod{2}} })
		streets, source := newStreets(), make(endless)
		streets.answer = func(context.Context, netip.AddrPort) (net.Conn, error) {
			ours, theirs := memnet.Pipe()
			other.lis.conns <- addressed{theirs, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 7}}
			return addressed{ours, other.lis.Addr()}, nil
		}
		node := other.Self()
		node.IP = netip.MustParseAddr("9.9.9.9")
		newBench(t, func(c *Config) {
			c.Key, c.Candidates, c.Dial = aloneKey(t, node), source, streets.dial
		})
		for range 70 {
			source <- node
			time.Sleep(time.Minute) // in a bubble
		}
		if at := streets.times(); len(at) != 2 || at[1] < time.Hour || at[1] > time.Hour+time.Minute {
			t.Errorf("dialled at %v, want after an hour", at)
		}
	})
}
