// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/types"
)

// Recent holds the blocks that were heard of last, by hash, and those of them that lead
// to the head, by number.
type Recent struct {
	limit int
	known *bounded.Map[types.Hash, known]
	next  uint64                // the order of the next block
	canon map[uint64]types.Hash // the head and its ancestors
}

type known struct {
	Link
	order uint64 // when it was heard of: the lower, the earlier
	td    uint256.Int
	hasTD bool
}

// outdoes reports whether k is the better block, by total difficulty if that is known.
func (k *known) outdoes(other *known) bool {
	if k.hasTD && other.hasTD && !k.td.Eq(&other.td) {
		return k.td.Gt(&other.td)
	}
	return k.Number > other.Number
}

// newRecent returns an empty window of at most limit blocks; the oldest make room.
func newRecent(limit int) *Recent {
	return &Recent{
		limit: limit,
		known: bounded.NewMap[types.Hash, known](limit, bounded.DropOldest),
		canon: make(map[uint64]types.Hash),
	}
}

// Get returns the block with that hash.
func (r *Recent) Get(h types.Hash) (Link, bool) {
	k, ok := r.known.Get(h)
	return k.Link, ok
}

// Has reports whether the block is held.
func (r *Recent) Has(h types.Hash) bool { return r.known.Has(h) }

// Len returns how many blocks are held.
func (r *Recent) Len() int { return r.known.Len() }

// At returns the block with that number among the head and its ancestors.
func (r *Recent) At(number uint64) (Link, bool) {
	h, ok := r.canon[number]
	if !ok {
		return Link{}, false
	}
	return r.Get(h)
}

// add puts a block. Its total difficulty follows from its parent's; only if that is not
// known does the claimed one (nil: none) count.
func (r *Recent) add(l Link, claimed *uint256.Int) {
	if r.known.Has(l.Hash) {
		return
	}
	k := known{Link: l, order: r.next}
	r.next++
	switch parent, ok := r.known.Get(l.Parent); {
	case ok && parent.hasTD:
		k.td.Add(&parent.td, &l.Difficulty)
		k.hasTD = true
	case claimed != nil:
		k.td, k.hasTD = *claimed, true
	}
	r.known.Put(l.Hash, k)
}

// lead makes the block and its ancestors the ones that At returns.
func (r *Recent) lead(h types.Hash) {
	top, ok := r.known.Get(h)
	if !ok {
		return
	}
	for n := range r.canon {
		if n > top.Number {
			delete(r.canon, n)
		}
	}
	lowest, joined := top.Number+1, false
	r.ancestors(h, r.limit, func(k *known) bool {
		if joined = r.canon[k.Number] == k.Hash; !joined {
			r.canon[k.Number] = k.Hash
			lowest = k.Number
		}
		return !joined
	})
	for n, h := range r.canon {
		if (n < lowest && !joined) || !r.known.Has(h) {
			delete(r.canon, n)
		}
	}
}

// ancestors calls yield with the block and up to depth-1 of its ancestors, as far as they
// are held and linked.
func (r *Recent) ancestors(h types.Hash, depth int, yield func(k *known) bool) {
	for range depth {
		k, ok := r.known.Get(h)
		if !ok || !yield(&k) {
			return
		}
		h = k.Parent
	}
}

// leads reports whether l is the block h or one of its nearest Depth ancestors.
func (r *Recent) leads(l *Link, h types.Hash) (found bool) {
	r.ancestors(h, Depth, func(k *known) bool {
		found = k.Hash == l.Hash
		return !found && k.Number > l.Number
	})
	return found
}
