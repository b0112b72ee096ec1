// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"errors"
	"testing"

	"github.com/holiman/uint256"
	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/chains"
	"github.com/ethpeer/ethpeer/types"
)

// A forest is lines of one world, which share their beginnings.
type forest struct {
	w     *chains.World
	lines []chains.Line
	of    map[types.Hash]chains.Line // the line up to a block
}

// plant grows a trunk and branches, on any block of any line before.
func plant(t *rapid.T, w *chains.World) *forest {
	trunk, branches, length := 30, 4, 20
	if bubble.Race { // smaller forests with the race detector, which slows every step
		trunk, branches, length = 6, 2, 4
	}
	f := &forest{w: w, of: make(map[types.Hash]chains.Line)}
	f.add(w.Genesis().Grow(rapid.IntRange(1, trunk).Draw(t, "trunk"), chains.Step{Seconds: 13, Txs: 1}))
	for i := range rapid.IntRange(0, branches).Draw(t, "branches") {
		on := f.draw(t)
		seconds := rapid.SampledFrom([]uint64{1, 13, 200}).Draw(t, "seconds")
		n := rapid.IntRange(1, length).Draw(t, "length")
		f.add(on.Grow(n, chains.Step{Seconds: seconds, Mark: byte(i + 1), Txs: i % 2}))
	}
	return f
}

func (f *forest) add(l chains.Line) {
	f.lines = append(f.lines, l)
	for i := range l {
		f.of[l[i].Hash] = l[:i+1]
	}
}

// draw returns a line up to any of its blocks.
func (f *forest) draw(t *rapid.T) chains.Line {
	l := f.lines[rapid.IntRange(0, len(f.lines)-1).Draw(t, "line")]
	return l[:rapid.IntRange(1, len(l)).Draw(t, "block")]
}

// reopened returns the chain of a store, as after a restart.
func (f *forest) reopened(t *rapid.T, store Store) *Chain {
	c, err := Open(Config{Params: f.w.Params, Store: store, History: HistoryFull})
	if err != nil {
		t.Fatalf("%v", err)
	}
	return c
}

// putSome gives the chain the body, the receipts or both of a block.
func putSome(t *rapid.T, c *Chain, b *chains.Block) {
	held := c.Header(b.Hash) != nil
	errs := []error{nil, nil}
	if what := rapid.IntRange(1, 3).Draw(t, "values"); what&1 > 0 {
		errs[0] = c.PutBody(b.Hash, b.Body)
	} else if what&2 > 0 {
		errs[1] = c.PutReceipts(b.Hash, b.Receipts)
	}
	for _, err := range errs {
		if held && err != nil || err != nil && !errors.Is(err, ErrUnknownBlock) {
			t.Fatalf("block %d, held %t: %v", b.Header.Number, held, err)
		}
	}
}

// TestWeightAgainstModel: after headers in any order, the head is the heaviest block that is held, the first
// of equal ones, and the canonical chain is its ancestors.
func TestWeightAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := plant(t, chains.Mined())
		store := NewMemory()
		c := f.reopened(t, store)
		cur, heard := c.Follow(), make(map[uint64]types.Hash)
		held := map[types.Hash]bool{f.w.Params.GenesisHash: true}
		best := f.w.Genesis()
		t.Repeat(map[string]func(*rapid.T){
			"insert": func(t *rapid.T) {
				l := f.draw(t)
				from := rapid.IntRange(0, len(l)-1).Draw(t, "from")
				n, err := c.InsertHeaders(later, l.Headers(from, len(l)-1))
				if from > 0 && !held[l[from-1].Hash] && !held[l[from].Hash] {
					if n != 0 || !errors.Is(err, ErrUnknownParent) {
						t.Fatalf("took %d: %v", n, err)
					}
					return
				}
				// A held header needs no parent here, and those after it may be new.
				if n != len(l)-from || err != nil {
					t.Fatalf("took %d of %d: %v", n, len(l)-from, err)
				}
				for i := from; i < len(l); i++ {
					if held[l[i].Hash] = true; weight(l[:i+1]).Gt(weight(best)) {
						best = l[:i+1]
					}
				}
			},
			"values": func(t *rapid.T) { l := f.draw(t); putSome(t, c, l.Last()) },
			"restart": func(*rapid.T) {
				c = f.reopened(t, store)
				cur, heard = c.Follow(), make(map[uint64]types.Hash)
				for n := range best {
					heard[uint64(n)] = best[n].Hash //nolint:gosec // small
				}
			},
			"": func(t *rapid.T) {
				c.checkInvariants(t)
				c.follows(t, best)
				if td := c.Head().TD; !td.Eq(weight(best)) {
					t.Fatalf("total difficulty %v, not %v", &td, weight(best))
				}
				replay(t, cur, heard)
				for n := 1; n < len(best); n++ {
					if heard[uint64(n)] != best[n].Hash { //nolint:gosec // small
						t.Fatalf("the cursor heard of %v as block %d", heard[uint64(n)], n) //nolint:gosec // small
					}
				}
			},
		})
	})
}

// replay applies what a cursor tells.
func replay(t *rapid.T, cur *Cursor, heard map[uint64]types.Hash) {
	for {
		change, ok := cur.Take()
		if !ok {
			return
		}
		if change.Reset {
			t.Fatalf("a reset, for few blocks")
		}
		for _, r := range change.Removed {
			if heard[r.Number] != r.Hash {
				t.Fatalf("block %d is removed and was not there", r.Number)
			}
			delete(heard, r.Number)
		}
		for _, r := range change.Added {
			heard[r.Number] = r.Hash
		}
	}
}

// TestBeliefAgainstModel: after any believed heads, forward and backward headers, and restarts, the canonical
// chain is the head's ancestors down to the tail, the gap begins there, and it can be closed.
func TestBeliefAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := plant(t, chains.Staked())
		store := NewMemory()
		c := f.reopened(t, store)
		head := f.w.Genesis()
		t.Repeat(map[string]func(*rapid.T){
			"believe": func(t *rapid.T) {
				l := f.draw(t)
				top, _ := c.state.runs.top()
				n := l.Last().Header.Number
				at, _ := c.Canonical(n)
				stays := at == l.Last().Hash && (n >= top.lo || n == 0)
				if err := c.SetHead(ref(l.Last()), l.Last().Header.Raw); err != nil {
					t.Fatalf("block %d: %v", n, err)
				}
				if !stays {
					head = l
				}
			},
			"back": func(t *rapid.T) {
				g, ok := c.Gap()
				if !ok {
					return
				}
				n := int(g.Next.Number) //nolint:gosec // small
				low := rapid.IntRange(0, n).Draw(t, "low")
				if took, err := c.InsertBack(f.of[g.Next.Hash].Headers(n, low)); err != nil || took < n-max(low, 1)+1 {
					t.Fatalf("took %d from %d to %d: %v", took, n, low, err)
				}
			},
			"forward": func(t *rapid.T) {
				l := f.draw(t)
				from := rapid.IntRange(0, len(l)-1).Draw(t, "from")
				if _, err := c.InsertHeaders(later, l.Headers(from, len(l)-1)); err != nil && !errors.Is(err, ErrUnknownParent) {
					t.Fatalf("%v", err)
				}
			},
			"values":  func(t *rapid.T) { l := f.draw(t); putSome(t, c, l.Last()) },
			"restart": func(*rapid.T) { c = f.reopened(t, store) },
			"": func(t *rapid.T) {
				c.checkInvariants(t)
				c.follows(t, head)
				g, ok := c.Gap()
				if tail := c.Tail(); ok != (tail > 1) && tail != 1 || ok && g.Next != ref(&head[tail-1]) {
					t.Fatalf("tail %d, gap %v, %t", tail, g, ok)
				}
			},
		})
		for g, ok := c.Gap(); ok; g, ok = c.Gap() {
			if _, err := c.InsertBack(f.of[g.Next.Hash].Headers(int(g.Next.Number), 1)); err != nil { //nolint:gosec // small
				t.Fatalf("%v", err)
			}
		}
		c.checkInvariants(t)
		if c.follows(t, head); c.Tail() > 1 {
			t.Fatalf("the tail is block %d", c.Tail())
		}
	})
}

// weight returns the total difficulty of a line's last block.
func weight(l chains.Line) *uint256.Int {
	td := new(uint256.Int)
	for i := range l {
		td.Add(td, &l[i].Header.Difficulty)
	}
	return td
}
