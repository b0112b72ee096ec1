// SPDX-License-Identifier: Apache-2.0

package head

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/types"
)

// linkOn returns a block of a branch, on the one before.
func linkOn(branch byte, n uint64) chain.Link {
	return chain.Link{Hash: hashOf(branch, n), Parent: hashOf(branch, n-1), Number: n, Time: n * 12}
}

func hashOf(branch byte, n uint64) (h types.Hash) {
	h[0] = branch
	binary.BigEndian.PutUint64(h[8:], n)
	return h
}

const top = 20_000_000 // about mainnet's head

// honestTracker holds the last 21 blocks of branch 1, and the number of peers that have the top.
func honestTracker(t *testing.T, peers int) *Tracker[int] {
	t.Helper()
	tr := NewTracker[int](chain.Link{Hash: hashOf(255, 0)}, 1024)
	for n := uint64(top - 20); n <= top; n++ {
		if err := tr.Add(0, linkOn(1, n), false); err != nil {
			t.Fatal(err)
		}
	}
	for p := range peers {
		tr.Latest(p, chain.Ref{Number: top, Hash: hashOf(1, top)})
	}
	if head, ok := tr.Settle(); !ok || head.Number != top || head.Supporters != peers {
		t.Fatalf("head %d with %d supporters", head.Number, head.Supporters)
	}
	return tr
}

// Peers that lie together, beside more that don't: their block is not the head, whatever its
// number, and honest peers do not count as its supporters.
func TestLiarsDoNotMakeTheHead(t *testing.T) {
	t.Run("three of fifty", func(t *testing.T) {
		tr := honestTracker(t, 47)
		lie := chain.Link{Hash: hashOf(9, 1<<62), Number: 1 << 62, Time: 1}
		_ = tr.Add(0, lie, false)
		for p := range 3 {
			tr.Latest(100+p, lie.Ref())
		}
		if head, changed := tr.Settle(); changed || head.Supporters != 47 {
			t.Errorf("head %d with %d supporters", head.Number, head.Supporters)
		}
	})
	t.Run("one, before the others' headers came", func(t *testing.T) {
		tr := NewTracker[int](chain.Link{Hash: hashOf(255, 0)}, 1024)
		for p := range 47 {
			tr.Latest(p, chain.Ref{Number: top, Hash: hashOf(1, top)})
		}
		lie := linkOn(9, top-1)
		_ = tr.Add(0, lie, false)
		tr.Latest(100, lie.Ref())
		if head, ok := tr.Settle(); ok {
			t.Errorf("head %d with %d supporters", head.Number, head.Supporters)
		}
	})
	t.Run("a sibling, while the others are two blocks ahead", func(t *testing.T) {
		tr := honestTracker(t, 10)
		for p := range 10 {
			tr.Latest(p, chain.Ref{Number: top + 2, Hash: hashOf(1, top+2)})
		}
		lie := linkOn(9, top+1)
		lie.Parent = hashOf(1, top)
		_ = tr.Add(0, lie, false)
		tr.Latest(100, lie.Ref())
		if head, changed := tr.Settle(); changed || head.Supporters != 11 {
			t.Errorf("head %x with %d supporters", head.Hash[:1], head.Supporters)
		}
	})
	t.Run("twenty that dialled us from one network", func(t *testing.T) {
		tr := honestTracker(t, 2)
		lie := linkOn(9, top+1)
		_ = tr.Add(0, lie, false)
		for p := range 20 {
			tr.Join(100+p, infoOf([]string{"69", "0", "10.1.0.0/16"}).Origin)
			tr.Latest(100+p, lie.Ref())
		}
		if head, changed := tr.Settle(); changed {
			t.Errorf("head %x with %d supporters", head.Hash[:1], head.Supporters)
		}
	})
}

// Any number of liars below half, in each of the ways to make up a head: their block is not the head.
func TestMinorityDoesNotMakeTheHead(t *testing.T) {
	ways := map[string]func(tr *Tracker[int]) chain.Link{
		"a jump": func(tr *Tracker[int]) chain.Link {
			return chain.Link{Hash: hashOf(9, 1<<40), Number: 1 << 40, Time: 1}
		},
		"many blocks on top of the head": func(tr *Tracker[int]) (last chain.Link) {
			for n := uint64(top + 1); n <= top+27; n++ {
				l := linkOn(9, n)
				if n == top+1 {
					l.Parent = hashOf(1, top)
				}
				_ = tr.Add(100, l, true)
				last = l
			}
			return last
		},
		"a sibling of the head": func(tr *Tracker[int]) chain.Link {
			l := linkOn(9, top)
			l.Parent = hashOf(1, top-1)
			return l
		},
		"a sibling with more difficulty": func(tr *Tracker[int]) chain.Link {
			l := linkOn(9, top)
			l.Parent = hashOf(1, top-1)
			l.Difficulty.Lsh(uint256.NewInt(1), 79)
			return l
		},
		"a block of the past": func(tr *Tracker[int]) chain.Link { return linkOn(9, 1) },
	}
	for name, way := range ways {
		for _, liars := range []int{1, 3, 12, 24} {
			tr := honestTracker(t, 50-liars)
			l := way(tr)
			_ = tr.Add(100, l, true)
			for p := range liars {
				tr.Latest(100+p, l.Ref())
			}
			if head, changed := tr.Settle(); changed {
				t.Fatalf("%s, %d liars of 50: head %x, %d", name, liars, head.Hash[:1], head.Number)
			}
		}
	}
}

// However many peers dial us from one network, they weigh what one weighs; from however many networks
// they dial us, less than the peers that we dialled.
func TestShareOfOneNetwork(t *testing.T) {
	for _, networks := range []int{1, 3, 16, 200} {
		for _, each := range []int{1, 7, 40} {
			tr := honestTracker(t, 16)
			lie := linkOn(9, top+1)
			lie.Parent = hashOf(1, top)
			_ = tr.Add(100, lie, true)
			for i := range networks * each {
				tr.Join(100+i, Origin{Inbound: true, Group: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i % networks), 0, 0}), 16)})
				tr.Latest(100+i, lie.Ref())
			}
			head, changed := tr.Settle()
			lies, all := tr.votes.support[lie.Hash].weight, tr.votes.total
			if changed || lies > networks*unit || 2*lies >= all {
				t.Errorf("%d networks with %d peers each: weight %d of %d, head %d", networks, each, lies, all, head.Number)
			}
		}
	}
}

// A peer that gives headers without a known parent, or on any branch, takes its share of the table: the
// head, its ancestors and what others gave stay.
func TestShareOfHeaders(t *testing.T) {
	tr := honestTracker(t, 1)
	honest := uint64(top)
	for i := range uint64(3000) {
		_ = tr.Add(100, linkOn(9, 2*i+10), true)
		if i%100 == 0 {
			honest++
			_ = tr.Add(7, linkOn(1, honest), false)
		}
	}
	for n := uint64(top - 20); n <= honest; n++ {
		if !tr.Recent.Has(hashOf(1, n)) {
			t.Fatalf("block %d of %d is gone", n, honest)
		}
	}
	tr.Leave(100) // and comes again under other names
	for p := 101; p < 150; p++ {
		for i := range uint64(40) {
			_ = tr.Add(p, linkOn(byte(p), 2*i+10), true)
		}
		tr.Leave(p)
	}
	for n := honest - 20; n <= honest; n++ {
		if !tr.Recent.Has(hashOf(1, n)) {
			t.Fatalf("block %d of %d is gone", n, honest)
		}
	}
	tr.Settle()
	if err := tr.checkInvariants(); err != nil {
		t.Error(err)
	}
}

// The work for one BlockRangeUpdate is bounded: 30 liars, two to each of 15 branches of 64 headers, so
// that no block has a quorum. Counted are the headers that are looked at.
func TestSettleCost(t *testing.T) {
	tr := honestTracker(t, 17)
	for b := byte(20); b < 35; b++ {
		for n := uint64(top + 1); n <= top+64; n++ {
			_ = tr.Add(0, linkOn(b, n), false)
		}
		for i := range 2 {
			p := 100 + 2*int(b) + i
			tr.Latest(p, chain.Ref{Number: top + 64, Hash: hashOf(b, top+64)})
			tr.Latest(p, chain.Ref{Number: 1, Hash: hashOf(200, uint64(p))})
		}
	}
	round := uint64(0)
	allocs := testing.AllocsPerRun(20, func() {
		round++
		tr.Latest(0, chain.Ref{Number: 1, Hash: hashOf(201, round)})
		if head, changed := tr.Settle(); changed || head.Number != top {
			t.Fatalf("head %d", head.Number)
		}
	})
	if len(tr.votes.support) != 21+15*64 || allocs > 2 {
		t.Errorf("%d blocks have support; %v allocations for each update", len(tr.votes.support), allocs)
	}
}

// Several blocks of a clique chain with period 0 (EIP-225) may have the same time; those of no other chain.
func TestInstantChain(t *testing.T) {
	for _, instant := range []bool{false, true} {
		m := NewPeers[string](Config{Genesis: blockOf("0"), Recent: 100, Instant: instant, Choose: func(int) int { return 0 }})
		m.Join(epoch, "a", infoOf([]string{"68", "0"}))
		var errs []error
		for _, id := range []string{"1", "2@10", "3@10"} {
			errs = append(errs, m.Gossiped(epoch, "a", blockOf(id)))
		}
		err := errors.Join(errs...)
		if instant && err != nil || !instant && !errors.Is(err, chain.ErrPace) {
			t.Errorf("instant %v: %v", instant, err)
		}
		if lost := m.TakeLosses().Pace; !instant && lost != 1 {
			t.Errorf("%d losses", lost)
		}
	}
}

// A block is a fork if it is not the first on its parent, or follows a fork that is not the head's branch.
func TestForks(t *testing.T) {
	m := newTestPeers()
	m.Join(epoch, "a", infoOf([]string{"68", "100"}))
	add := func(id string, want bool) {
		t.Helper()
		if err := m.Gossiped(epoch, "a", blockOf(id)); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the first answer counts
			if fork := m.MarkTold(blockOf(id).Hash); fork != want {
				t.Errorf("%s is a fork: %v", id, fork)
			}
		}
	}
	add("100", true) // its parent is not held
	m.Told(epoch, "a", refOf("100"))
	m.Changed(epoch)
	add("101", false)
	add("102", false)
	m.Told(epoch, "a", refOf("102"))
	if head, _ := m.Changed(epoch); name(head.Hash) != "102" {
		t.Fatalf("head %s", name(head.Hash))
	}
	add("101z<100", true)
	add("102z<101z", true)
	add("103z<102z", true)
	add("104z<103z", true)
	m.Told(epoch, "a", refOf("104z"))
	if head, _ := m.Changed(epoch); name(head.Hash) != "104z" {
		t.Fatalf("head %s", name(head.Hash))
	}
	add("105z<104z", false) // on the head
	add("103", false)
	add("103y<102", true)
	if m.MarkTold(blockOf("999").Hash) {
		t.Error("a block that is not held is a fork")
	}
}

func BenchmarkSettle(b *testing.B) {
	tr := NewTracker[int](chain.Link{Hash: hashOf(255, 0)}, 1024)
	for branch := byte(1); branch <= 15; branch++ {
		for n := uint64(top + 1); n <= top+64; n++ {
			_ = tr.Add(0, linkOn(branch, n), false)
		}
		for i := range 2 {
			tr.Latest(2*int(branch)+i, chain.Ref{Number: top + 64, Hash: hashOf(branch, top+64)})
		}
	}
	for b.Loop() {
		tr.dirty = true
		tr.Settle()
	}
}
