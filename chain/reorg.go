// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"github.com/ethpeer/ethpeer/types"
)

// canonical makes a held block the canonical one of its number. What was canonical there, and what the numbers beside
// hold that is not linked to it, is no longer.
func (t *tx) canonical(h *types.Header, hash types.Hash) {
	s := &t.c.state
	n := h.Number
	if at, ok := t.at(n); ok && at != hash {
		t.remove(n, n)
	}
	if n > 0 {
		if at, ok := t.at(n - 1); ok && at != h.ParentHash {
			t.remove(n-1, n-1)
		}
	}
	if b := t.c.side.blocks[hash]; b != nil {
		t.dropSide(b)
	}
	t.purge(n, hash)
	t.put(Key{Kind: KindCanonical, Number: n}, hash[:])
	s.runs = s.runs.with(n, n)
	t.count(n, hash)
	t.joinTD(h)
	if n > 0 { // nobody hears of the genesis block
		t.change.add(Ref{n, hash})
	}
}

// joinTD gives the head its total difficulty when its run joins a block whose own is known. Blocks of a consensus
// layer have no difficulty (EIP-3675), so that all above the joint have the same total.
func (t *tx) joinTD(h *types.Header) {
	s := &t.c.state
	if s.head.HasTD || h.Number == 0 || !h.Difficulty.IsZero() || !t.isCanonical(h.Number-1, h.ParentHash) {
		return
	}
	if top, _ := s.runs.top(); h.Number < top.lo || !top.has(s.head.Number) {
		return
	}
	if td, ok := t.td(h.ParentHash); ok {
		s.head.TD, s.head.HasTD = td, true
		t.putTD(s.head.Hash, &td)
	}
}

// count notes which values of a canonical block are held.
func (t *tx) count(n uint64, hash types.Hash) {
	s := &t.c.state
	body := t.get(Key{Kind: KindBody, Hash: hash}) != nil
	receipts := t.get(Key{Kind: KindReceipts, Hash: hash}) != nil
	if body || receipts || t.get(Key{Kind: KindAccessList, Hash: hash}) != nil {
		s.held = s.held.with(n, n)
	}
	if body && receipts {
		s.full = s.full.with(n, n)
	}
}

// remove takes numbers out of the canonical index; their values are deleted later. The genesis block stays.
func (t *tx) remove(lo, hi uint64) {
	s := &t.c.state
	lo = max(lo, 1)
	if lo > hi {
		return
	}
	part := s.runs.cut(lo, hi)
	if len(part) == 0 {
		return
	}
	s.gone = s.gone.union(part)
	t.uncount(lo, hi)
	t.change.Reset, t.orphans = true, true
}

// uncount takes numbers out of all sets of canonical blocks.
func (t *tx) uncount(lo, hi uint64) {
	s := &t.c.state
	s.runs, s.held, s.full = s.runs.without(lo, hi), s.held.without(lo, hi), s.full.without(lo, hi)
}

// purge deletes what is left of an earlier block of a number, unless it is the block that comes there.
func (t *tx) purge(n uint64, comes types.Hash) {
	s := &t.c.state
	if !s.gone.has(n) && !s.bare.has(n) {
		return
	}
	raw := t.get(Key{Kind: KindCanonical, Number: n})
	if len(raw) == len(comes) && types.Hash(raw) != comes && t.c.side.blocks[types.Hash(raw)] == nil {
		t.forget(types.Hash(raw))
	}
	s.gone, s.bare = s.gone.without(n, n), s.bare.without(n, n)
}

// setHead makes a canonical block the head. Its total difficulty is held or, after the merge, that of the head before.
func (t *tx) setHead(h *types.Header, hash types.Hash) {
	s, terminal := &t.c.state, t.c.params.Terminal
	head := Head{Ref: Ref{h.Number, hash}}
	head.fill(h)
	head.TD, head.HasTD = t.td(hash)
	if !head.HasTD && h.Difficulty.IsZero() {
		before, _ := t.header(s.head.Hash)
		switch {
		case terminal != nil && terminal.IsZero():
			head.TD, head.HasTD = t.c.params.GenesisDifficulty, true
		case s.head.HasTD && before.Difficulty.IsZero():
			head.TD, head.HasTD = s.head.TD, true
		}
		if head.HasTD {
			t.putTD(hash, &head.TD)
		}
	}
	s.head = head
}

// moveHead makes a side block, or a canonical one, the head: its side chain becomes canonical, and what was canonical
// above the block where it begins becomes a side chain. It fails if that is below the finalized block.
func (t *tx) moveHead(target types.Hash) error {
	s := &t.c.state
	var path []*sideBlock
	at := target
	for b := t.c.side.blocks[at]; b != nil; b = t.c.side.blocks[at] {
		path = append(path, b)
		at = b.parent
	}
	join, ok := t.header(at)
	if !ok || !t.isCanonical(join.Number, at) {
		return ErrUnknownParent
	}
	if join.Number < s.final.Number {
		return ErrFinal
	}
	t.demote(join.Number)
	for i := len(path) - 1; i >= 0; i-- {
		h, _ := t.header(path[i].Hash)
		t.canonical(&h, path[i].Hash)
	}
	if len(path) > 0 {
		join, _ = t.header(target)
	}
	t.setHead(&join, target)
	return nil
}

// demote makes the canonical blocks above a number a side chain. Those above a gap are deleted.
func (t *tx) demote(above uint64) {
	s := &t.c.state
	run, _ := s.runs.of(above)
	if run.hi < s.head.Number || run.hi-above > MaxSide {
		t.remove(saturate(above), s.head.Number)
		return
	}
	var refs []Ref
	for n := run.hi; n > above; n-- {
		hash, ok := t.at(n)
		if !ok {
			continue
		}
		t.change.remove(Ref{n, hash})
		refs = append(refs, Ref{n, hash})
		t.delete(Key{Kind: KindCanonical, Number: n})
	}
	if above < run.hi {
		t.uncount(above+1, run.hi)
	}
	for _, ref := range refs {
		t.addSide(ref.Hash)
	}
	t.c.side.recount(refs)
}

// recount counts the children of side blocks that have just become some.
func (s *sideSet) recount(refs []Ref) {
	fresh := make(map[types.Hash]bool, len(refs))
	for _, ref := range refs {
		fresh[ref.Hash] = true
	}
	for _, b := range s.blocks {
		if parent := s.blocks[b.parent]; parent != nil && fresh[b.parent] {
			parent.children++
		}
	}
}
