// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"cmp"
	"container/heap"
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// Bounds of the blocks that are held beside the canonical ones. When one is exceeded the cheapest ends of side chains
// go first, until an eighth of the bound is free.
const (
	MaxSide      = 90_000   // blocks: how deep a reorganisation can be, as in go-ethereum
	MaxSideBytes = 64 << 20 // bytes of headers, bodies, receipts and access lists
)

// lossSide is where event.Loss says that side blocks were dropped.
const lossSide = "chain/side"

// A sideBlock is a held block that is not canonical. Its ancestors are held down to a canonical one.
type sideBlock struct {
	Ref
	parent   types.Hash
	td       uint256.Int
	hasTD    bool
	size     int
	children int // side blocks on it
}

// A sideSet is all of them. Owner: the writer.
type sideSet struct {
	blocks map[types.Hash]*sideBlock
	bytes  int
	most   int // MaxSide, but for tests
}

func (s *sideSet) init() { s.blocks, s.most = make(map[types.Hash]*sideBlock), MaxSide }

// load finds the side blocks of a store. One whose header is not there is forgotten.
func (s *sideSet) load(c *Chain, store Store) {
	for _, name := range store.Names(metaSide) {
		raw, err := hex.DecodeString(name[len(metaSide):])
		if err != nil || len(raw) != len(types.Hash{}) {
			continue
		}
		t := tx{c: c}
		t.addSide(types.Hash(raw))
	}
	for _, b := range s.blocks {
		if parent := s.blocks[b.parent]; parent != nil {
			parent.children++
		}
	}
}

// addSide counts a held block as one of a side chain. Its children are counted by linkSide.
func (t *tx) addSide(hash types.Hash) *sideBlock {
	h, ok := t.header(hash)
	if !ok {
		return nil
	}
	b := &sideBlock{Ref: Ref{h.Number, hash}, parent: h.ParentHash, size: len(h.Raw)}
	b.td, b.hasTD = t.td(hash)
	for _, kind := range []Kind{KindBody, KindReceipts, KindAccessList} {
		b.size += len(t.get(Key{Kind: kind, Hash: hash}))
	}
	t.c.side.blocks[hash] = b
	t.c.side.bytes += b.size
	if t.sides != nil {
		t.sides[hash] = true
	}
	return b
}

// linkSide is addSide of a block that no side block is built on.
func (t *tx) linkSide(hash types.Hash) {
	if b := t.addSide(hash); b != nil {
		if parent := t.c.side.blocks[b.parent]; parent != nil {
			parent.children++
		}
	}
}

// dropSide takes a block out of the set; its values stay.
func (t *tx) dropSide(b *sideBlock) {
	s := &t.c.side
	if parent := s.blocks[b.parent]; parent != nil {
		parent.children--
	}
	delete(s.blocks, b.Hash)
	s.bytes -= b.size
	t.sides[b.Hash] = true
}

// save writes the names of blocks that have come into the set or left it.
func (s *sideSet) save(t *tx) {
	if t.orphans {
		s.dropOrphans(t)
	}
	s.bound(t)
	for hash := range t.sides {
		name := metaSide + hex.EncodeToString(hash[:])
		if s.blocks[hash] != nil {
			t.meta(name, []byte{})
		} else {
			t.meta(name, nil)
		}
	}
}

// bound drops blocks beyond the bounds, the cheapest ends of side chains first.
func (s *sideSet) bound(t *tx) {
	if len(s.blocks) <= s.most && s.bytes <= MaxSideBytes {
		return
	}
	var ends ends
	for _, b := range s.blocks {
		if b.children == 0 {
			ends = append(ends, b)
		}
	}
	heap.Init(&ends)
	dropped := uint64(0)
	for len(ends) > 0 && (len(s.blocks) > s.most/8*7 || s.bytes > MaxSideBytes/8*7) {
		b := heap.Pop(&ends).(*sideBlock)
		parent := s.blocks[b.parent]
		t.dropSide(b)
		t.forget(b.Hash)
		dropped++
		if parent != nil && parent.children == 0 {
			heap.Push(&ends, parent)
		}
	}
	t.c.record.Record(event.Loss{At: event.At{Time: time.Now()}, Where: lossSide, Count: dropped})
}

// dropBelow drops the side blocks up to a number, and with them all that is built on them.
func (s *sideSet) dropBelow(t *tx, number uint64) {
	for _, b := range s.blocks {
		if b.Number <= number {
			t.dropSide(b)
			t.forget(b.Hash)
			t.orphans = true
		}
	}
}

// dropOrphans drops the side blocks that no longer descend from a canonical block.
func (s *sideSet) dropOrphans(t *tx) {
	byNumber := func(a, b *sideBlock) int { return cmp.Compare(a.Number, b.Number) }
	for _, b := range slices.SortedFunc(maps.Values(s.blocks), byNumber) {
		if s.blocks[b.parent] == nil && !t.isCanonical(b.Number-1, b.parent) {
			t.dropSide(b)
			t.forget(b.Hash)
		}
	}
}

// ends is a heap of side blocks without children, the cheapest on top: by total difficulty, then by number.
type ends []*sideBlock

func (e ends) Len() int { return len(e) }

func (e ends) Less(i, j int) bool {
	return cmp.Or(e[i].td.Cmp(&e[j].td), cmp.Compare(e[i].Number, e[j].Number)) < 0
}

func (e ends) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

// Push implements heap.Interface.
func (e *ends) Push(x any) { *e = append(*e, x.(*sideBlock)) }

// Pop implements heap.Interface.
func (e *ends) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}
