// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"context"
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
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/nodedb"
	"github.com/ethpeer/ethpeer/params"
)

const (
	findWithin   = 2 * time.Minute
	findAgain    = 10 * time.Second // after a restart
	foreignDials = 0.05             // of all dials
)

// placesToFill is how many peers the seeker dials.
var placesToFill = places()

// places is smaller with the race detector, which makes cryptography ten times slower.
func places() int {
	if bubble.Race {
		return 30
	}
	return 50
}

// foreign is a fork that no node here has.
var foreign = params.ForkID{Hash: [4]byte{0xde, 0xad, 0xbe, 0xef}}

// population returns how many nodes are of our fork, and of others. Both are smaller with the race detector,
// which makes cryptography ten times slower.
func population() (right, wrong int) {
	if bubble.Race {
		return 70, 210
	}
	return 200, 1800
}

// A seeker is the node that looks for peers.
type seeker struct {
	t    *testing.T
	node *Node
	stop context.CancelFunc
	done chan error

	mu sync.Mutex // guards what follows
	up map[enr.ID]bool
}

// seek starts a node that knows one bootnode, or the nodes of the store.
func seek(t *testing.T, world *peers.World, chain *params.Chain, db *nodedb.DB, boot ...enr.Node) *seeker {
	t.Helper()
	s := &seeker{t: t, up: map[enr.ID]bool{}, done: make(chan error, 1)}
	self := netip.MustParseAddr("19.1.1.1")
	var err error
	s.node, err = build(Config{
		Chain: chain, Key: append(make([]byte, 31), 7), MaxPeers: 3 * placesToFill, External: self, DB: db, Record: s.record,
		Discovery: Discovery{V4: true, Bootnodes: boot},
	}, seams{socket: world.Packets.Listen(netip.AddrPortFrom(self, peers.Port)), dial: world.Dial})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	s.stop = stop
	go func() { s.done <- s.node.Run(ctx) }()
	return s
}

func (s *seeker) record(e event.Event) {
	p, ok := e.(event.Peer)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch p.Change {
	case event.PeerUp:
		s.up[p.Peer] = true
	case event.PeerDown:
		delete(s.up, p.Peer)
	}
}

func (s *seeker) peers() map[enr.ID]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[enr.ID]bool{}
	for id := range s.up {
		out[id] = true
	}
	return out
}

// within waits until the seeker has so many peers, and returns how long that took.
func (s *seeker) within(limit time.Duration, peers int) time.Duration {
	s.t.Helper()
	began := time.Now()
	for time.Since(began) <= limit {
		if len(s.peers()) >= peers {
			return time.Since(began)
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.t.Errorf("%d peers after %v, want %d; %d nodes in the table", len(s.peers()), limit, peers, len(s.node.host.Finder().V4().Table()))
	return limit
}

func (s *seeker) end() {
	s.t.Helper()
	s.stop()
	if err := <-s.done; err != nil {
		s.t.Error(err)
	}
}

// meet makes a world of nodes, most of which are of another fork, and returns a bootnode.
func meet(t *testing.T, chain *params.Chain) (world *peers.World, boot enr.Node, wrong map[enr.ID]bool) {
	t.Helper()
	world = peers.NewWorld(chain)
	rightCount, wrongCount := population()
	ours := chain.ForkID(0, chain.GenesisTime)
	right, err := world.Add(rightCount, peers.Group{Fork: ours, Peers: true})
	if err != nil {
		t.Fatal(err)
	}
	others, err := world.Add(wrongCount, peers.Group{Fork: foreign, Peers: true})
	if err != nil {
		t.Fatal(err)
	}
	wrong = map[enr.ID]bool{}
	for _, n := range others {
		wrong[n.ID] = true
	}
	return world, right[0].Self, wrong
}

// live runs the world until the test's function has returned.
func live(t *testing.T, world *peers.World, f func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- world.Run(ctx) }()
	synctest.Wait()
	f()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestFindsPeers: a fresh node fills its places with peers of its fork and dials few others. After a restart
// it knows which nodes to dial, and after an outage it has peers at once.
func TestFindsPeers(t *testing.T) {
	chain, _ := params.ByName("mainnet")
	bubble.Test(t, func(t *testing.T) {
		world, boot, wrong := meet(t, chain)
		world.Meet()
		live(t, world, func() {
			db, err := nodedb.New(nil)
			if err != nil {
				t.Fatal(err)
			}
			s := seek(t, world, chain, db, boot)
			first := s.within(findWithin, placesToFill)
			all, bad := 0, 0
			for id, n := range world.Dials() {
				if all += n; wrong[id] {
					bad += n
				}
			}
			t.Logf("%d peers after %v of fake time, %d dials, %d of them to other forks", placesToFill, first, all, bad)
			if float64(bad) > foreignDials*float64(all) {
				t.Errorf("%d of %d dials went to other forks", bad, all)
			}
			before := s.peers()
			s.end()

			time.Sleep(time.Minute) // a node that was dialled is left alone for 35 s
			s = seek(t, world, chain, db)
			again := s.within(findAgain, placesToFill)
			known := 0
			for id := range s.peers() {
				if before[id] {
					known++
				}
			}
			t.Logf("after a restart: %d peers after %v, %d of them from before", placesToFill, again, known)
			if known < placesToFill*9/10 {
				t.Errorf("%d of %d peers are from before the restart", known, placesToFill)
			}
			s.end()
		})
	})
}

// TestRecoversFromAnOutage: when no node can be reached for ten minutes, all peers are lost. When nodes can
// be reached again, there are peers within seconds.
func TestRecoversFromAnOutage(t *testing.T) {
	chain, _ := params.ByName("mainnet")
	bubble.Test(t, func(t *testing.T) {
		world := peers.NewWorld(chain)
		right, err := world.Add(placesToFill+10, peers.Group{Fork: chain.ForkID(0, chain.GenesisTime), Peers: true})
		if err != nil {
			t.Fatal(err)
		}
		world.Meet()
		live(t, world, func() {
			s := seek(t, world, chain, nil, right[0].Self)
			s.within(findWithin, placesToFill*3/5)
			world.Fail(true)
			lasts := 10 * time.Minute
			// A shorter outage with the race detector: retries cost signatures, which it makes ten times slower.
			if bubble.Race {
				lasts = 3 * time.Minute
			}
			time.Sleep(lasts)
			if n := len(s.peers()); n != 0 {
				t.Errorf("%d peers without a network", n)
			}
			world.Fail(false)
			first := s.within(10*time.Second, 1)
			t.Logf("a peer again after %v, 10 after %v", first, first+s.within(10*time.Second-first, 10))
			s.end()
		})
	})
}

// What the owner of one IPv4 /16 gets at most, with any number of identities.
const (
	attackerPlaces = 10   // in our table
	attackerShare  = 0.25 // of the peers that we dial
)

// TestOneNetworkNeverGetsMuch: an attacker has a thousand identities in one /16, names no other node, states
// our fork and answers first.
func TestOneNetworkNeverGetsMuch(t *testing.T) {
	chain, _ := params.ByName("mainnet")
	bubble.Test(t, func(t *testing.T) {
		identities, honest, minutes := 1000, 300, 10
		// Fewer nodes for a shorter time with the race detector, which makes cryptography ten times slower.
		if bubble.Race {
			identities, honest, minutes = 200, 100, 3
		}
		world := peers.NewWorld(chain)
		ours := chain.ForkID(0, chain.GenesisTime)
		right, err := world.Add(honest, peers.Group{Fork: ours, Peers: true})
		if err != nil {
			t.Fatal(err)
		}
		attackers, err := world.Add(identities, peers.Group{
			Fork: ours, Peers: true, Closed: true,
			Place: func(i int) netip.Addr { return netip.AddrFrom4([4]byte{12, 12, byte(i / 4), byte(1 + i%4)}) },
		})
		if err != nil {
			t.Fatal(err)
		}
		world.Meet()
		hostile := map[enr.ID]bool{}
		for _, n := range attackers {
			hostile[n.ID] = true
		}
		live(t, world, func() {
			s := seek(t, world, chain, nil, attackers[0].Self, attackers[1].Self, right[0].Self)
			for minute := range minutes {
				time.Sleep(time.Minute)
				inTable, table := 0, s.node.host.Finder().V4().Table()
				for _, c := range table {
					if hostile[c.ID] {
						inTable++
					}
				}
				peers, bad := s.peers(), 0
				for id := range peers {
					if hostile[id] {
						bad++
					}
				}
				t.Logf("minute %d: %d of %d in the table, %d of %d peers", minute+1, inTable, len(table), bad, len(peers))
				if inTable > attackerPlaces {
					t.Errorf("%d of %d nodes in the table are the attacker's", inTable, len(table))
				}
				if most := attackerShare * float64(placesToFill); float64(bad) > most {
					t.Errorf("%d peers are the attacker's, more than %v", bad, most)
				}
			}
			dials := world.Dials()
			all, bad := 0, 0
			for id, n := range dials {
				if all += n; hostile[id] {
					bad += n
				}
			}
			t.Logf("%d of %d dials", bad, all)
			s.end()
		})
	})
}

// TestRecordStatesTheFork: checklist row 115. Our record states the fork ID of our Status, by which other
// nodes filter (EIP-2124). A head that peers only claim changes neither.
func TestRecordStatesTheFork(t *testing.T) {
	chain, _ := params.ByName("mainnet")
	n, err := build(Config{Chain: chain}, seams{})
	if err != nil {
		t.Fatal(err)
	}
	want := n.protocol.ForkID()
	hash, next, ok := n.host.Self().Record().Eth()
	if !ok || hash != want.Hash || next != want.Next || next != 1150000 {
		t.Errorf("the record says %x/%d, our Status %v", hash, next, want)
	}
	before := n.host.Self().Record().Seq()
	n.cfg.Record.Record(event.Head{Number: 2_000_000})
	if n.protocol.ForkID() != want || n.host.Self().Record().Seq() != before {
		t.Errorf("after a head our Status says %v, and the record has number %d; before %v, %d", n.protocol.ForkID(), n.host.Self().Record().Seq(), want, before)
	}
}

// TestUnwanted: a node without the right fork in its record is not dialled.
func TestUnwanted(t *testing.T) {
	chain, _ := params.ByName("mainnet")
	n, err := build(Config{Chain: chain}, seams{})
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecc.ParsePrivateKey(append(make([]byte, 31), 9))
	if err != nil {
		t.Fatal(err)
	}
	nodeWith := func(change func(*enr.Builder)) enr.Node {
		var b enr.Builder
		b.SetIP(netip.MustParseAddr("20.1.1.1"))
		b.SetTCP(30303)
		change(&b)
		r, err := b.Sign(key, 1)
		if err != nil {
			t.Fatal(err)
		}
		return r.Node()
	}
	late := chain.ForkID(20_000_000, 1_800_000_000)
	for want, node := range map[string]enr.Node{
		"no record":    {Key: key.Public(), IP: netip.MustParseAddr("20.1.1.1"), TCP: 30303},
		"no eth entry": nodeWith(func(*enr.Builder) {}),
		"wrong fork":   nodeWith(func(b *enr.Builder) { b.SetEth(foreign.Hash, 0) }),
		"no port":      nodeWith(func(b *enr.Builder) { b.SetEth(late.Hash, late.Next); b.Unset("tcp") }),
		"":             nodeWith(func(b *enr.Builder) { b.SetEth(late.Hash, late.Next) }),
	} {
		if got := n.unfit(node); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestLists: lists that the operator names replace the chain's; without bootnodes they stand in for those, too.
func TestLists(t *testing.T) {
	chain, named := []string{"chain's"}, []string{"named"}
	for name, c := range map[string]struct {
		d           Discovery
		lists, boot []string
	}{
		"off":              {Discovery{Lists: named}, nil, nil},
		"the chain's":      {Discovery{DNS: true}, chain, nil},
		"no bootnodes":     {Discovery{DNS: true, Bootnodes: []enr.Node{}}, chain, nil},
		"named":            {Discovery{DNS: true, Lists: named}, named, nil},
		"named, and nodes": {Discovery{DNS: true, Lists: named, Bootnodes: make([]enr.Node, 1)}, named, nil},
		"named alone":      {Discovery{DNS: true, Lists: named, Bootnodes: []enr.Node{}}, named, named},
	} {
		if lists, boot := c.d.lists(chain); !slices.Equal(lists, c.lists) || !slices.Equal(boot, c.boot) {
			t.Errorf("%s: %q and %q, want %q and %q", name, lists, boot, c.lists, c.boot)
		}
	}
}
