// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// size returns how many nodes a network or an attacker has, and how many lookups there are. The simulation has one
// goroutine, so the race detector only makes it slower: a fifth is enough for it.
func size() (nodes, lookups int) {
	if bubble.Race {
		return 200, 20
	}
	return 1000, 100
}

// A simulation is a network of tables. Questions are answered in random order.
type simulation struct {
	t      *testing.T
	rand   *rand.Rand
	now    time.Time
	nodes  map[enr.ID]*simulated
	inLine []enr.ID // the IDs, in the order in which they joined
}

type simulated struct {
	Contact
	table *Table
	dead  bool
}

func newSimulation(t *testing.T) *simulation {
	return &simulation{t: t, rand: rand.New(rand.NewPCG(1, 2)), now: epoch, nodes: map[enr.ID]*simulated{}}
}

func (s *simulation) randomID() (id enr.ID) {
	for i := 0; i < len(id); i += 8 {
		binary.BigEndian.PutUint64(id[i:], s.rand.Uint64())
	}
	return id
}

// join adds a node that knows one other, which is how networks begin.
func (s *simulation) join() {
	i := len(s.inLine)
	n := &simulated{Contact: Contact{ID: s.randomID(), Node: enr.Node{
		IP:  netip.AddrFrom4([4]byte{34 + byte(i>>8), byte(i), byte(i >> 8), 1}),
		UDP: 30303,
	}}}
	n.table = New(s.now, Config{Self: n.ID, Choose: s.rand.IntN})
	s.nodes[n.ID] = n
	if i > 0 {
		n.table.OnHeard(s.now, s.nodes[s.inLine[s.rand.IntN(i)]].Contact)
	}
	s.inLine = append(s.inLine, n.ID)
	n.table.OnTick(s.now)
	s.lookup(n, n.ID)
	n.table.OnRefreshed(s.now)
}

// lookup runs a lookup of one node and returns what it found, and how many it asked.
func (s *simulation) lookup(n *simulated, target enr.ID) (found []Contact, asked int) {
	s.t.Helper()
	l, ask := NewLookup(n.ID, target, n.table.Closest(target))
	var inFlight []Contact
	for inFlight = ask; !l.Done(); inFlight = append(inFlight, ask...) {
		if err := l.checkInvariants(); err != nil || len(inFlight) > 3 {
			s.t.Fatalf("%d questions at once; %v", len(inFlight), err)
		}
		i := s.rand.IntN(len(inFlight))
		to := inFlight[i]
		inFlight = slices.Delete(inFlight, i, i+1)
		asked++
		ask = s.ask(n, to, l, target)
	}
	if len(inFlight) > 0 {
		s.t.Fatalf("done, but %d are being asked", len(inFlight))
	}
	if err := n.table.checkInvariants(); err != nil {
		s.t.Fatal(err)
	}
	return l.Closest(), asked
}

func (s *simulation) ask(n *simulated, to Contact, l *Lookup, target enr.ID) []Contact {
	remote := s.nodes[to.ID]
	if remote == n {
		s.t.Fatal("asks itself")
	}
	if remote.dead {
		n.table.OnNeighbors(s.now, to, nil)
		return l.OnSilence(to.ID)
	}
	remote.table.OnProven(s.now, n.Contact)
	answer := remote.table.Answer(n.Node.IP, target)
	good, _ := n.table.OnNeighbors(s.now, to, answer)
	return l.OnReply(to.ID, good)
}

// nearest returns the true nearest nodes that are alive, without one.
func (s *simulation) nearest(target enr.ID, without *simulated) (ids []enr.ID) {
	for id, n := range s.nodes {
		if n != without && !n.dead {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b enr.ID) int { return Compare(target, a, b) })
	return ids[:bucketSize]
}

func ids(cs []Contact) (ids []enr.ID) {
	for _, c := range cs {
		ids = append(ids, c.ID)
	}
	return ids
}

// lookups looks random targets up from random nodes and returns how many of the 16 nearest
// they found, together.
func (s *simulation) lookups(n, mostAsked int) (hits int) {
	s.t.Helper()
	for range n {
		from := s.nodes[s.inLine[s.rand.IntN(len(s.inLine))]]
		from.dead = false
		target := s.randomID()
		found, asked := s.lookup(from, target)
		if asked > mostAsked {
			s.t.Errorf("%d nodes were asked", asked)
		}
		nearest := s.nearest(target, from)
		if len(found) == 0 || found[0].ID != nearest[0] {
			s.t.Errorf("%d nodes were found, and not the nearest", len(found))
		}
		for _, c := range found {
			if slices.Contains(nearest, c.ID) {
				hits++
			}
		}
	}
	return hits
}

// TestLookupConverges: nodes that joined one after the other, each knowing one, find the
// true nearest of a thousand, asking three at once.
func TestLookupConverges(t *testing.T) {
	s := newSimulation(t)
	nodes, lookups := size()
	for range nodes {
		s.join()
	}
	if hits := s.lookups(lookups, 40); hits != lookups*bucketSize {
		t.Errorf("%d of the nearest were found", hits)
	}

	// A third of them falls silent, which no node has noticed yet.
	for _, id := range s.inLine {
		s.nodes[id].dead = s.rand.IntN(3) == 0
	}
	if hits := s.lookups(lookups, 80); hits < lookups*95/100*bucketSize {
		t.Errorf("%d of the nearest were found among silent ones", hits)
	}
}

// TestPoisoning: a thousand identities of one network offer themselves to every node, and relay each
// other. They get the slots of one network, and no other node loses its slot to them.
func TestPoisoning(t *testing.T) {
	for _, test := range []struct {
		name  string
		place func(i int) netip.Addr
		most  int
	}{
		{"of a /24", func(i int) netip.Addr { return netip.AddrFrom4([4]byte{66, 6, 6, byte(i)}) }, 10},
		{"of a /16", func(i int) netip.Addr { return netip.AddrFrom4([4]byte{66, 6, byte(i / 4), byte(i)}) }, 10},
		{"of a /32 of IPv6", func(i int) netip.Addr {
			return netip.AddrFrom16([16]byte{0: 0x2a, 1: 66, 5: byte(i), 6: byte(i >> 8), 15: 1})
		}, 10},
		{"of a /48 of IPv6", func(i int) netip.Addr {
			return netip.AddrFrom16([16]byte{0: 0x2a, 1: 66, 5: 1, 6: byte(i), 7: byte(i >> 8), 15: 1})
		}, 10},
		{"of a /56 of IPv6", func(i int) netip.Addr {
			return netip.AddrFrom16([16]byte{0: 0x2a, 1: 66, 7: byte(i), 14: byte(i >> 8), 15: 1})
		}, 10},
	} {
		t.Run(test.name, func(t *testing.T) { poison(t, test.place, test.most) })
	}
}

func poison(t *testing.T, place func(i int) netip.Addr, most int) {
	s := newSimulation(t)
	for range 100 {
		s.join()
	}
	victim := s.nodes[s.inLine[0]]
	before := ids(victim.table.Closest(victim.ID))
	var attackers []Contact
	count, _ := size()
	for i := range count {
		id := s.randomID()
		if i%2 == 0 {
			copy(id[:8], victim.ID[:]) // they tried many keys
		}
		attackers = append(attackers, Contact{ID: id, Node: enr.Node{IP: place(i), UDP: 30303}})
	}
	for i, a := range attackers {
		s.now = s.now.Add(time.Second)
		for _, action := range victim.table.OnTick(s.now) {
			if action.Kind == Check {
				victim.table.OnAlive(s.now, action.Contact)
			}
		}
		victim.table.OnProven(s.now, a)
		victim.table.OnNeighbors(s.now, a, attackers[i&^15:][:min(16, len(attackers)-i&^15)])
		if err := victim.table.checkInvariants(); err != nil {
			t.Fatal(err)
		}
	}
	attacker := map[enr.ID]bool{}
	for _, a := range attackers {
		attacker[a.ID] = true
	}
	inTable := 0
	for c := range victim.table.All() {
		if attacker[c.ID] {
			inTable++
		}
	}
	if inTable > most || inTable == 0 {
		t.Errorf("%d attackers are in the table, want some, up to %d", inTable, most)
	}
	for _, id := range before {
		if _, ok := victim.table.Get(id); !ok {
			t.Errorf("%s had to go", id.Short())
		}
	}
}

// TestNewNodesAreCheckedSoon: five bystanders on one host are told of when each has been
// checked once, for which the conformance suite has 60 s.
func TestNewNodesAreCheckedSoon(t *testing.T) {
	s := newSimulation(t)
	table := New(s.now, Config{Choose: s.rand.IntN})
	for n := range 5 {
		c := contactAt(256, n)
		c.Node.IP, c.Node.UDP = netip.MustParseAddr("127.0.0.1"), uint16(30303+n)
		table.OnHeard(s.now, c)
	}
	neighbor, at := netip.MustParseAddr("127.0.0.2"), s.now
	for len(table.AnswerAt(neighbor, []uint{256})) < 5 {
		at = table.Deadline()
		for _, action := range table.OnTick(at) {
			if action.Kind == Check {
				table.OnAlive(at, action.Contact)
			}
		}
	}
	if d := at.Sub(epoch); d > 5*fastInterval {
		t.Errorf("took %v", d)
	}
}
