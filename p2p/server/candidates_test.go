// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/netgroup"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
	"github.com/ethpeer/ethpeer/nodedb"
	"github.com/ethpeer/ethpeer/p2p"
)

// TestCrowdedNetworks: strangers of one network get few of the dials. Static nodes and local networks have no
// such limit.
func TestCrowdedNetworks(t *testing.T) {
	now := time.Unix(1000, 0)
	for _, test := range []struct {
		name  string
		limit int
		ips   []string
		want  []bool
	}{
		{"two of a /24", 50, []string{"8.8.8.1", "8.8.8.2", "8.8.8.3", "8.8.9.3"}, []bool{true, true, false, true}},
		{"two of a /64", 50, []string{"2a00::1", "2a00::2", "2a00::3", "2a00:0:0:100::3"}, []bool{true, true, false, true}},
		{"two of a /56", 50, []string{"2a00:0:0:1::1", "2a00:0:0:2::1", "2a00:0:0:ff::1", "2a00:0:0:100::1"}, []bool{true, true, false, true}},
		{"a quarter of a /48", 8, []string{"2a00:1:1:100::1", "2a00:1:1:200::1", "2a00:1:1:300::1", "2a01:1::1"}, []bool{true, true, false, true}},
		{"a quarter of a /16", 8, []string{"8.8.1.1", "8.8.2.1", "8.8.3.1", "8.9.1.1"}, []bool{true, true, false, true}},
		{"a quarter of a /32", 8, []string{"2a00:1:1::1", "2a00:1:2::1", "2a00:1:3::1", "2a00:2::1"}, []bool{true, true, false, true}},
		{"one at least", 3, []string{"8.8.1.1", "8.8.2.1", "8.9.2.1"}, []bool{true, false, true}},
		{"other forms of an address", 50, []string{"8.8.8.1", "::ffff:8.8.8.2", "::ffff:8.8.8.3"}, []bool{true, true, false}},
		{"local ones", 8, []string{"10.0.0.1", "10.0.0.2", "10.0.0.3", "127.0.0.1"}, []bool{true, true, true, true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDialer(dialRules{limit: test.limit, maxActive: 50, skip: nobody, near: func(netip.Addr, ...netip.Addr) bool { return true }})
			var tasks []*task
			for i, ip := range test.ips {
				task, err := d.onCandidate(now, nodeAt(t, byte(i+1), ip))
				if (err == nil) != test.want[i] || err != nil && !errors.Is(err, errNetwork) {
					t.Errorf("%s: %v", ip, err)
				}
				if task != nil {
					tasks = append(tasks, task)
				}
			}
			for _, task := range tasks {
				d.onEnd(task, task.node, resolution{})
			}
			if len(d.groups) != 0 {
				t.Errorf("still counted: %v", d.groups)
			}
		})
	}
	vouched := newDialer(dialRules{limit: 4, maxActive: 50, skip: nobody, networks: []netip.Prefix{netip.MustParsePrefix("8.0.0.0/8")}})
	for i, ip := range []string{"8.8.1.1", "8.8.2.1", "8.8.2.2", "8.8.3.1"} {
		if _, err := vouched.onCandidate(now, nodeAt(t, byte(i+1), ip)); err != nil {
			t.Errorf("in networks that the operator named, %s: %v", ip, err)
		}
	}
	d := dialerOf(t, nodeAt(t, 1, "8.8.8.1"), nodeAt(t, 2, "8.8.8.2"), nodeAt(t, 3, "8.8.8.3"))
	if due := d.due(now); len(due) != 3 {
		t.Errorf("%d of 3 static nodes are dialled", len(due))
	}
	if _, err := d.onCandidate(now, nodeAt(t, 4, "8.8.8.4")); err != nil {
		t.Errorf("static nodes stand in a stranger's way: %v", err)
	}
}

// TestNetworksKeepTheirBooks: after any dials and ends, no network has more than its share, and no count
// remains.
func TestNetworksKeepTheirBooks(t *testing.T) {
	var nodes []enr.Node
	for n := range byte(40) {
		node := nodeAt(t, n+1, "8.8.8.8")
		node.IP = netip.AddrFrom4([4]byte{8, n % 2, n % 7, n})
		nodes = append(nodes, node)
	}
	rapid.Check(t, func(t *rapid.T) {
		d := newDialer(dialRules{limit: 12, maxActive: 30, skip: nobody})
		now := time.Unix(1000, 0)
		busy := map[enr.ID]*task{}
		for range rapid.IntRange(1, 100).Draw(t, "steps") {
			n := nodes[rapid.IntRange(0, len(nodes)-1).Draw(t, "node")]
			now = now.Add(time.Second)
			if one := busy[n.ID()]; one != nil {
				if !one.connected && rapid.Bool().Draw(t, "up") {
					d.onConnected(one)
					continue
				}
				d.onEnd(one, one.node, resolution{})
				delete(busy, n.ID())
			} else if d.wants(now) {
				if one, err := d.onCandidate(now, n); err == nil {
					busy[n.ID()] = one
				}
			}
			narrow, wide := map[netip.Prefix]int{}, map[netip.Prefix]int{}
			for _, one := range busy {
				of := netgroup.Of(one.node.IP)
				narrow[of.Narrow]++
				wide[of.Wide]++
			}
			for net, n := range narrow {
				if n > dialledPerNet || n != d.groups[net] {
					t.Fatalf("%d of %v, counted %d", n, net, d.groups[net])
				}
			}
			for net, n := range wide {
				if n > 12/dialledPerWide || n != d.groups[net] {
					t.Fatalf("%d of %v, counted %d", n, net, d.groups[net])
				}
			}
			if len(d.groups) != len(narrow)+len(wide) {
				t.Fatalf("counted are %v", d.groups)
			}
		}
	})
}

// TestCandidatesAreTold: each candidate has one event, with its source and why it is not dialled.
func TestCandidatesAreTold(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		streets, source := newStreets(), make(endless)
		streets.answer = never
		crowded := []enr.Node{nodeAt(t, 11, "8.8.8.1"), nodeAt(t, 12, "8.8.8.2"), nodeAt(t, 13, "8.8.8.3")}
		b := newBench(t, func(c *Config) {
			c.MaxPeers, c.Candidates, c.Dial = 90, source, streets.dial
			c.NetRestrict = []netip.Prefix{netip.MustParsePrefix("8.0.0.0/8")}
		})
		noPort := nodeAt(t, 14, "8.9.1.1")
		noPort.TCP = 0
		for _, n := range append(crowded, crowded[0], b.Self(), noPort, nodeAt(t, 15, ""), nodeAt(t, 16, "9.9.9.9")) {
			source <- n
			time.Sleep(time.Second) // in a bubble
		}
		want := []string{"", "", "network full", "connected", "self", "no port", "no address", "restricted"}
		var got []string
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, c := range b.candidates {
			got = append(got, c.Why)
			if c.Taken != (c.Why == "") || c.Source != "test" || c.Peer == (enr.ID{}) {
				t.Errorf("%+v", c)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

// Attack: a list in DNS, or a stranger, names nodes at addresses of our own networks. None is dialled unless
// the operator's own address, a static node, a bootnode or NetRestrict is of that network.
func TestCandidatesAtLocalAddresses(t *testing.T) {
	local := []string{"127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "100.64.0.9", "fd00:1:2::3", "fe80::1", "::1"}
	for _, test := range []struct {
		name   string
		change func(*Config)
		want   []string
	}{
		{"nothing said", func(*Config) {}, nil},
		{"all interfaces", func(c *Config) { c.Listen = "0.0.0.0:30303" }, nil},
		{"a loopback listener", func(c *Config) { c.Listen = "127.0.0.1:30303" }, []string{"127.0.0.1", "::1"}},
		{"a private external address", func(c *Config) { c.External = netip.MustParseAddr("10.1.7.7") }, []string{"10.1.2.3"}},
		{"a static node", func(c *Config) { c.Static = []enr.Node{nodeAt(t, 99, "192.168.9.9")} }, []string{"192.168.9.9", "192.168.1.1"}},
		{"a static node elsewhere", func(c *Config) { c.Static = []enr.Node{nodeAt(t, 99, "34.1.1.1")} }, []string{"34.1.1.1"}},
		{"a bootnode", func(c *Config) {
			c.Neighbors = func() []netip.Addr { return []netip.Addr{netip.MustParseAddr("fd00:1:2:3::4")} }
		}, []string{"fd00:1:2::3"}},
		{"networks", func(c *Config) { c.NetRestrict = netgroup.MustParse("10.0.0.0/8", "100.64.0.0/10") }, []string{"10.1.2.3", "100.64.0.9"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				streets, source := newStreets(), make(endless)
				b := newBench(t, func(c *Config) {
					c.Candidates, c.Dial = source, streets.dial
					test.change(c)
				})
				refused := 0
				for i, ip := range local {
					source <- nodeAt(t, byte(i+1), ip)
					time.Sleep(time.Second) // in a bubble
				}
				b.mu.Lock()
				defer b.mu.Unlock()
				for _, c := range b.candidates {
					if c.Why == "local" || c.Why == "restricted" {
						refused++
					}
				}
				if got := streets.hosts(); !slices.Equal(got, test.want) || len(b.candidates) != len(local) {
					t.Errorf("dialled %v, want %v; %d of %d refused", got, test.want, refused, len(b.candidates))
				}
			})
		})
	}
}

// A resolver has a static node's address from strangers: a local address is not dialled either, unless the
// operator named that network.
func TestResolverAtALocalAddress(t *testing.T) {
	for home, want := range map[string][]string{
		"9.9.9.9": {"9.9.9.9"}, "10.1.9.9": {"10.1.9.9", "10.1.2.3"},
	} {
		bubble.Test(t, func(t *testing.T) {
			streets := newStreets()
			newBench(t, func(c *Config) {
				c.Static, c.Dial, c.Resolver = []enr.Node{nodeAt(t, 1, home)}, streets.dial, &fakeResolver{found: nodeAt(t, 1, "10.1.2.3")}
			})
			if got := streets.hosts(); !slices.Equal(got, want) {
				t.Errorf("dialled %v, want %v", got, want)
			}
		})
	}
}

// endlessly gives the same nodes again and again, with a pause after each round.
type endlessly struct {
	nodes []enr.Node
	next  int
}

func (e *endlessly) Next(ctx context.Context) (Candidate, bool) {
	if e.next == len(e.nodes) {
		e.next = 0
		pause(ctx, time.Second)
	}
	n := e.nodes[e.next]
	e.next++
	return Candidate{n, "test"}, ctx.Err() == nil
}

// TestOutage: when every dial has failed for ten minutes and the network returns, dials succeed within
// seconds, and no node is blamed. A LAN peer is no evidence that the Internet is reachable. A peer beyond the
// LAN is: then failures count against the nodes.
func TestOutage(t *testing.T) {
	for peer, outage := range map[string]bool{"": true, "192.168.1.5": true, "9.9.9.9": false} {
		t.Run(peer, func(t *testing.T) { bubble.Test(t, func(t *testing.T) { outageBeside(t, peer, outage) }) })
	}
}

func outageBeside(t *testing.T, peer string, outage bool) {
	streets := newStreets()
	var static []enr.Node
	var beside *bench
	if peer != "" {
		beside = newBench(t, nil)
		one := nodeAt(t, 1, peer)
		one.Key = beside.key.Public()
		static = append(static, one)
	}
	var mu sync.Mutex
	down, reached := true, 0
	streets.answer = func(_ context.Context, at netip.AddrPort) (net.Conn, error) {
		if at.Addr().String() == peer {
			return beside.connect("192.168.1.6:30303"), nil
		}
		mu.Lock()
		defer mu.Unlock()
		if down {
			return nil, &net.OpError{Op: "dial", Err: syscall.ENETUNREACH}
		}
		reached++
		return nil, memnet.ErrRefused
	}
	b := newBench(t, func(c *Config) {
		c.MaxPeers, c.Candidates, c.Dial, c.Static = 60, &endlessly{nodes: manyNodes(t, 1, 20)}, streets.dial, static
	})
	time.Sleep(10 * time.Minute) // in a bubble
	if n := len(b.Peers()); n != len(static) {
		t.Fatalf("%d peers", n)
	}
	mu.Lock()
	down = false
	mu.Unlock()
	time.Sleep(10 * time.Second)
	mu.Lock()
	defer mu.Unlock()
	if outage != (reached >= 10) {
		t.Errorf("%d dials in the ten seconds after the outage", reached)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := len(b.events); n > 20*700/5 {
		t.Errorf("%d dials to 20 nodes in ten minutes", n)
	}
}

// TestOneDeadNodeIsNoOutage: a few nodes that cannot be reached wait as usual.
func TestOneDeadNodeIsNoOutage(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		streets := newStreets()
		newBench(t, func(c *Config) {
			c.Key = aloneKey(t, manyNodes(t, 1, 3)...)
			c.MaxPeers, c.Static, c.Dial = 60, manyNodes(t, 1, 3), streets.dial
		})
		time.Sleep(20*redialAfter + time.Second) // in a bubble
		if n := len(streets.hosts()); n > 3*21 {
			t.Errorf("%d dials", n)
		}
	})
}

// dbOf returns a store of nodes to leave alone.
func dbOf(t *testing.T, alone map[enr.ID]time.Duration) *nodedb.DB {
	t.Helper()
	db, err := nodedb.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for id, wait := range alone {
		db.Update(id, func(e *nodedb.Entry) { e.NotBefore, e.Score, e.ScoreAt = time.Now().Add(wait), -7.5, time.Now() })
	}
	return db
}

// TestReputation: the waits of an earlier run hold, and the reputation gets the ends of this one.
func TestReputation(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		streets, source := newStreets(), make(endless)
		nodes := manyNodes(t, 1, 2)
		db := dbOf(t, map[enr.ID]time.Duration{nodes[0].ID(): time.Hour, nodes[1].ID(): -time.Hour})
		newBench(t, func(c *Config) {
			c.Key, c.MaxPeers, c.Candidates, c.Dial, c.Reputation = aloneKey(t, nodes...), 60, source, streets.dial, nodedb.NewReputation(db)
			streets.answer = func(context.Context, netip.AddrPort) (net.Conn, error) {
				return nil, &p2p.RemoteClose{Reason: p2p.ReasonUseless}
			}
		})
		for _, n := range nodes {
			source <- n
			time.Sleep(time.Second) // in a bubble
		}
		if hosts := streets.hosts(); len(hosts) != 1 || hosts[0] != nodes[1].IP.String() {
			t.Errorf("dialled: %v", hosts)
		}
		e, _ := db.Get(nodes[1].ID())
		if e.Node.IP != nodes[1].IP || e.Useful != 0 || e.Score > -10 || e.Cause != "peer said: useless peer" || e.NotBefore.Sub(e.ScoreAt) != time.Hour {
			t.Errorf("%+v", e)
		}
	})
}

// TestNamingIsForgiving: a static node is dialled at once, even if an earlier run left it alone for good, but
// not within 35 s of its last dial.
func TestNamingIsForgiving(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		streets, node := newStreets(), manyNodes(t, 1, 1)[0]
		newBench(t, func(c *Config) {
			c.Key, c.Static, c.Dial = aloneKey(t, node), []enr.Node{node}, streets.dial
			c.Reputation = nodedb.NewReputation(dbOf(t, map[enr.ID]time.Duration{node.ID(): 700 * time.Hour}))
		})
		time.Sleep(time.Second) // in a bubble
		if at := streets.times(); len(at) != 1 || at[0] != 0 {
			t.Errorf("dialled at %v", at)
		}
	})
	bubble.Test(t, func(t *testing.T) {
		streets, node, source := newStreets(), manyNodes(t, 1, 1)[0], make(endless)
		streets.answer = func(context.Context, netip.AddrPort) (net.Conn, error) {
			return nil, p2p.Breach("it lies")
		}
		b := newBench(t, func(c *Config) { c.Key, c.Candidates, c.Dial = aloneKey(t, node), source, streets.dial })
		source <- node
		time.Sleep(10 * time.Second)
		b.AddPeer(node)
		time.Sleep(time.Minute)
		if at := streets.times(); len(at) != 2 || at[1] != redialAfter {
			t.Errorf("dialled at %v", at)
		}
	})
}

// TestNamedOnly: only static and trusted nodes are admitted.
func TestNamedOnly(t *testing.T) {
	a := newAdmission(enr.ID{0xff}, 10, 3, nil)
	a.namedOnly = true
	a.name(enr.ID{1}, true)
	a.trust(enr.ID{2}, true)
	for id, want := range map[enr.ID]bool{{1}: true, {2}: true, {3}: false} {
		if err := a.would(id); (err == nil) != want {
			t.Errorf("%v: %v", id[0], err)
		}
	}
	a.name(enr.ID{1}, false)
	if err := a.would(enr.ID{1}); reasonOf(err) != p2p.ReasonTooManyPeers {
		t.Error(err)
	}
	if err := a.checkInbound(time.Now(), netgroup.Group{}); err != nil {
		t.Errorf("a node is refused that may be the trusted one: %v", err)
	}
	a.trust(enr.ID{2}, false)
	if err := a.checkInbound(time.Now(), netgroup.Group{}); err == nil {
		t.Error("a Hello is exchanged although no node is named")
	}
}

// recordKeeper keeps a record for the server.
type recordKeeper struct {
	mu   sync.Mutex
	node enr.Node
}

func (r *recordKeeper) SetTCP(port uint16) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.node.TCP = port
}

func (r *recordKeeper) SetFallback(ip netip.Addr) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.node.IP = ip
}

func (r *recordKeeper) Node() enr.Node {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.node
}

// TestSomebodyElseKeepsTheRecord: with Config.Self the server sets its port there, and states that record.
func TestSomebodyElseKeepsTheRecord(t *testing.T) {
	keeper := &recordKeeper{}
	ready := make(chan enr.Node, 1)
	s, err := New(Config{Key: mustKey(t), Listen: "127.0.0.1:0", Self: keeper, Ready: func(n enr.Node) { ready <- n }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	if n := <-ready; n.TCP == 0 || n.IP != netip.MustParseAddr("127.0.0.1") || n != s.Self() {
		t.Errorf("%+v", n)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestStopIsRemembered: the reputation learns that a peer that a stop ended was of use.
func TestStopIsRemembered(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		db := dbOf(t, nil)
		b := newBench(t, func(c *Config) { c.Reputation = nodedb.NewReputation(db) })
		b.peer(lan, mustKey(t))
		time.Sleep(20 * time.Second) // in a bubble
		b.stop()
		if all := db.All(); len(all) != 1 || all[0].Useful < 19*time.Second || all[0].Score <= 0 {
			t.Errorf("%+v", all)
		}
	})
}

// TestConnectedPeersTakeNoDial: a dial that has become a peer frees its slot at once.
func TestConnectedPeersTakeNoDial(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		streets := newStreets()
		var static []enr.Node
		doors := map[string]*bench{}
		for n := range byte(4) {
			b := newBench(t, nil)
			one := nodeAt(t, n+1, "127.0.0.1")
			one.Key, one.IP = b.key.Public(), netip.AddrFrom4([4]byte{127, 0, 0, n + 1})
			static, doors[one.IP.String()] = append(static, one), b
		}
		streets.answer = func(_ context.Context, at netip.AddrPort) (net.Conn, error) {
			return doors[at.Addr().String()].connect("127.0.0.9:30303"), nil
		}
		b := newBench(t, func(c *Config) {
			c.MaxPeers, c.MaxPending, c.Dial, c.Static = 60, 1, streets.dial, static
		})
		time.Sleep(time.Second) // in a bubble
		if n := len(b.Peers()); n != len(static) {
			t.Errorf("%d of %d are peers, one dial at a time", n, len(static))
		}
	})
}

// TestOutageBegins: an outage begins with the eighth failed dial in a row, to four nodes, and ends with any
// other result.
func TestOutageBegins(t *testing.T) {
	beyond, home := peerScopes{beyond: true}, peerScopes{local: true}
	failed := func(n byte) outcome {
		return outcome{id: enr.ID{n}, verdict: p2p.Judge(os.ErrDeadlineExceeded)}
	}
	lost, refused, near, hungUp, nowhere := failed(1), failed(1), failed(1), failed(1), failed(3)
	lost.up, lost.reached = time.Minute, true
	refused.verdict, refused.reached = p2p.Judge(&p2p.RemoteClose{Reason: p2p.ReasonTooManyPeers}), true
	near.local = true
	hungUp.verdict, hungUp.reached = p2p.Judge(io.EOF), true
	nowhere.verdict = p2p.Judge(unreachable(errNoAddress))
	homely := hungUp
	homely.local = true
	for _, test := range []struct {
		name    string
		nodes   byte    // by turns
		seventh outcome // instead of a dial that failed
		dialled bool
		peers   peerScopes
		want    bool
	}{
		{"eight of four nodes", 4, failed(3), true, peerScopes{}, true},
		{"eight of three nodes", 3, failed(1), true, peerScopes{}, false},
		{"seven, and one who came to us", 4, failed(3), false, peerScopes{}, false},
		{"a peer was lost meanwhile", 4, lost, true, peerScopes{}, false},
		{"one has answered", 4, refused, true, peerScopes{}, false},
		{"one has accepted, and hung up", 4, hungUp, true, peerScopes{}, false},
		{"one has come, and hung up", 4, hungUp, false, peerScopes{}, false},
		{"one at home has hung up", 4, homely, true, peerScopes{}, false},
		{"one has no address, which is no dial", 4, nowhere, true, peerScopes{}, false},
		{"beside a peer", 4, failed(3), true, beyond, false},
		{"beside a peer at home", 4, failed(3), true, home, true},
		{"a node at home is silent, beside another", 4, near, true, home, false},
	} {
		var o outage
		var got bool
		for i := range byte(outageAfter) {
			end, dialled := failed(1+i%test.nodes), true
			if i == outageAfter-2 {
				end, dialled = test.seventh, test.dialled
			}
			if got {
				t.Errorf("%s: an outage before the eighth", test.name)
			}
			got = o.onEnd(end, dialled, test.peers)
		}
		if got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
		if got && o.onEnd(near, true, home) {
			t.Errorf("%s: a node at home is not blamed, beside another", test.name)
		}
	}
}
