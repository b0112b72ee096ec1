// SPDX-License-Identifier: Apache-2.0

package crawl

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/discover"
	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/self"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
)

func keyOf(t testing.TB, n int) *ecc.PrivateKey {
	t.Helper()
	key, err := ecc.ParsePrivateKey([]byte{30: byte(n >> 8), 31: byte(n), 0: 2})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func at(n int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{20, byte(n), 1, 1}), 30303)
}

// A town is nodes of the real engines on datagrams in memory.
type town struct {
	packets *memnet.Datagrams
	nodes   []enr.Node
	finders []*discover.Finder
	loops   sync.WaitGroup
}

// add starts a node that begins with others.
func (w *town) add(ctx context.Context, t *testing.T, v4, v5 bool, boot ...enr.Node) enr.Node {
	t.Helper()
	return w.addKey(ctx, t, keyOf(t, len(w.nodes)+1), v4, v5, boot...)
}

func (w *town) addKey(ctx context.Context, t *testing.T, key *ecc.PrivateKey, v4, v5 bool, boot ...enr.Node) enr.Node {
	t.Helper()
	place := at(len(w.nodes))
	our := self.New(self.Config{Key: key, Start: time.Now()})
	our.SetExternal(place.Addr(), place.Port(), place.Port())
	f, err := discover.New(discover.Config{
		Key: key, Self: our, Listen: place.String(), V4: v4, V5: v5, Bootnodes: boot, Conn: w.packets.Listen(place), Record: func(event.Event) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Open(); err != nil {
		t.Fatal(err)
	}
	w.loops.Go(func() { _ = f.Run(ctx) })
	node := enr.Node{Key: key.Public(), IP: place.Addr(), UDP: place.Port(), TCP: place.Port()}
	w.nodes, w.finders = append(w.nodes, node), append(w.finders, f)
	return node
}

// reachable returns how many nodes there are on the way from table to table, beginning with a node.
func (w *town) reachable(start enr.ID) int {
	tables := map[enr.ID][]kad.Contact{}
	for i, f := range w.finders {
		if f.V5() != nil {
			tables[w.nodes[i].ID()] = f.V5().Table()
		} else {
			tables[w.nodes[i].ID()] = f.V4().Table()
		}
	}
	seen, waiting := map[enr.ID]bool{start: true}, []enr.ID{start}
	for ; len(waiting) > 0; waiting = waiting[1:] {
		for _, c := range tables[waiting[0]] {
			if !seen[c.ID] {
				seen[c.ID] = true
				waiting = append(waiting, c.ID)
			}
		}
	}
	return len(seen)
}

func (w *town) config(t *testing.T, start ...enr.Node) Config {
	t.Helper()
	return Config{Start: start, Key: keyOf(t, 1000), NoProbe: true, conn: w.packets.Listen(at(250))}
}

// TestAllNodesOfAHubAreFound: nodes met through one bootnode, and each knows few. All nodes that are in any
// table are found, in each version of discovery.
func TestAllNodesOfAHubAreFound(t *testing.T) {
	for name, v := range map[string]struct {
		v4, v5 bool
		others int
		meet   time.Duration // until the entries of the tables are known to be alive
	}{"v4": {true, false, 6, 100 * time.Second}, "v5": {false, true, 70, 300 * time.Second}} {
		t.Run(name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				w := &town{packets: memnet.NewDatagrams()}
				hub := w.add(ctx, t, v.v4, v.v5)
				for range v.others {
					w.add(ctx, t, v.v4, v.v5, hub)
				}
				time.Sleep(v.meet)
				want := w.reachable(hub.ID())
				if want < v.others/2 {
					t.Fatalf("the nodes have not met: only %d are in tables", want)
				}
				r, err := Run(ctx, w.config(t, hub))
				if err != nil || r.Visited < want || r.Answered < want {
					t.Errorf("%+v, %v; want %d nodes", r, err, want)
				}
				cancel()
				w.loops.Wait()
			})
		})
	}
}

// TestNodesBehindAGapAreFound: a table with a far node and a near one, and no node between, is read
// completely.
func TestNodesBehindAGapAreFound(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w := &town{packets: memnet.NewDatagrams()}
		hub := w.add(ctx, t, false, true)
		distance := func(n int) int { return kad.LogDist(hub.ID(), enr.IDOf(keyOf(t, n).Public())) }
		far, near := 2, 2
		for ; distance(far) < 256; far++ {
		}
		for ; distance(near) > 256-maxEmpty-2; near++ {
		}
		for _, n := range []int{far, near} {
			w.addKey(ctx, t, keyOf(t, n), false, true, hub)
		}
		time.Sleep(300 * time.Second)
		r, err := Run(ctx, w.config(t, hub))
		if err != nil || r.Answered != 3 {
			t.Errorf("%+v, %v; want the hub and both nodes of its table", r, err)
		}
		cancel()
		w.loops.Wait()
	})
}

// TestOneNode: the results of visits to a node with a record, to a silent node, and to nodes whose host name
// has several addresses or none.
func TestOneNode(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w := &town{packets: memnet.NewDatagrams()}
		hub := w.add(ctx, t, true, true)
		nobody := enr.Node{Key: keyOf(t, 999).Public(), IP: at(99).Addr(), UDP: 30303, TCP: 30303}
		c := w.config(t)
		c.lookup = func(_ context.Context, host string) ([]netip.Addr, error) {
			if host != "two.test" {
				return nil, errors.New("no such host")
			}
			return []netip.Addr{nobody.IP, hub.IP}, nil
		}
		named := func(host string) enr.Node {
			return enr.Node{Key: hub.Key, Host: host, UDP: 30303, TCP: 30303}
		}
		for name, n := range map[string]enr.Node{"hub": hub, "nobody": nobody, "two.test": named("two.test"), "none.test": named("none.test")} {
			var got *Visit
			c.Start, c.conn = []enr.Node{n}, w.packets.Listen(at(250))
			c.Each = func(v *Visit, _ Progress) { got = v }
			r, err := Run(ctx, c)
			if err != nil || r.Known < 1 || got == nil {
				t.Fatal(name, r, err)
			}
			switch name {
			case "hub", "two.test":
				if !got.Answered || got.Node.Record == nil || got.Node.IP != hub.IP || got.Err != nil {
					t.Errorf("%s: %+v", name, got)
				}
			case "nobody":
				if got.Answered || got.Node.Record != nil || got.Err != nil {
					t.Errorf("%s: %+v", name, got)
				}
			default:
				if got.Answered || got.Err == nil || !strings.Contains(got.Err.Error(), "no such host") {
					t.Errorf("%s: %+v", name, got)
				}
			}
		}
		cancel()
		w.loops.Wait()
	})
}

// TestRestrict: nodes outside of the networks are not visited, nor are we ourselves.
func TestRestrict(t *testing.T) {
	c := &Config{Key: keyOf(t, 1), Restrict: []netip.Prefix{netip.MustParsePrefix("20.0.0.0/15")}, NoDiscovery: true}
	v, err := newVisitor(c)
	if err != nil {
		t.Fatal(err)
	}
	ours := enr.Node{Key: keyOf(t, 1).Public(), IP: netip.MustParseAddr("20.0.0.1")}
	in := enr.Node{Key: keyOf(t, 2).Public(), IP: netip.MustParseAddr("::ffff:20.1.0.1")}
	out := enr.Node{Key: keyOf(t, 3).Public(), IP: netip.MustParseAddr("20.2.0.1")}
	if got := v.inside([]enr.Node{ours, in, out}); len(got) != 1 || got[0].Key != in.Key {
		t.Errorf("inside: %v", got)
	}
	c.Restrict = nil
	if got := v.inside([]enr.Node{ours, in, out}); len(got) != 2 {
		t.Errorf("without limits: %v", got)
	}
}

// TestNewest: the record decides; without an address in it, the node is where it answered.
func TestNewest(t *testing.T) {
	old := enr.Node{Key: keyOf(t, 1).Public(), IP: netip.MustParseAddr("20.0.0.1"), UDP: 1, TCP: 2}
	for _, c := range []struct{ record, want enr.Node }{
		{enr.Node{}, enr.Node{IP: old.IP, UDP: 1, TCP: 2}},
		{enr.Node{TCP: 7}, enr.Node{IP: old.IP, UDP: 1, TCP: 7}},
		{enr.Node{IP: netip.MustParseAddr("20.0.0.2"), UDP: 3}, enr.Node{IP: netip.MustParseAddr("20.0.0.2"), UDP: 3}},
	} {
		if got := newest(old, c.record); got.IP != c.want.IP || got.UDP != c.want.UDP || got.TCP != c.want.TCP {
			t.Errorf("%v: %v, want %v", c.record, got, c.want)
		}
	}
}

// TestCannotListen: the address is taken.
func TestCannotListen(t *testing.T) {
	if _, err := Run(t.Context(), Config{Listen: "203.0.113.1:1"}); err == nil {
		t.Error("listens at an address of a documentation network")
	}
}

// TestSilentProbes: without discovery only the nodes of Start are asked, over TCP.
func TestSilentProbes(t *testing.T) {
	nobody := enr.Node{Key: keyOf(t, 9).Public(), IP: netip.MustParseAddr("127.0.0.1"), UDP: 1, TCP: 1}
	r, err := Run(t.Context(), Config{Start: []enr.Node{nobody}, NoDiscovery: true})
	if err != nil || r.Visited != 1 || r.Answered != 0 || r.Reach["silent"] != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}
