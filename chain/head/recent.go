// SPDX-License-Identifier: Apache-2.0

package head

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/types"
)

// Recent holds the headers that arrived last. The owner is the owner of its [Tracker].
type Recent struct {
	limit int
	known *bounded.Map[types.Hash, *known]
	next  uint64 // the order of the next block

	// orphans are the blocks whose parent was not held when they came: at most limit, the
	// oldest first, which is dropped first.
	orphans []orphan
}

type orphan struct{ parent, hash types.Hash }

// A known block is immutable once it is held.
type known struct {
	chain.Link
	order    uint64 // when it came: the lower, the earlier
	td       uint256.Int
	hasTD    bool
	gossiped bool
}

// outdoes reports whether k is the better block, by total difficulty if that is known.
func (k *known) outdoes(other *known) bool {
	if k.hasTD && other.hasTD && !k.td.Eq(&other.td) {
		return k.td.Gt(&other.td)
	}
	return k.Number > other.Number
}

// newRecent returns an empty window of at most limit blocks. When it is full, the block that
// came first is dropped.
func newRecent(limit int) *Recent {
	return &Recent{
		limit: limit,
		known: bounded.NewMap[types.Hash, *known](limit, bounded.DropOldest),
	}
}

// Get returns the block with that hash.
func (r *Recent) Get(h types.Hash) (chain.Link, bool) {
	k, ok := r.known.Get(h)
	if !ok {
		return chain.Link{}, false
	}
	return k.Link, true
}

// Has reports whether the block is held.
func (r *Recent) Has(h types.Hash) bool { return r.known.Has(h) }

// Len returns how many blocks are held.
func (r *Recent) Len() int { return r.known.Len() }

// add puts a block. Its total difficulty is its parent's plus its own; only if the parent's is
// not known does the one that a peer said (nil: none) count.
func (r *Recent) add(l chain.Link, said *uint256.Int, gossiped bool) {
	if r.known.Has(l.Hash) {
		return
	}
	k := &known{Link: l, order: r.next, gossiped: gossiped}
	r.next++
	parent, ok := r.known.Get(l.Parent)
	switch {
	case ok && parent.hasTD:
		k.td.Add(&parent.td, &l.Difficulty)
		k.hasTD = true
	case said != nil:
		k.td, k.hasTD = *said, true
	}
	if !ok {
		if len(r.orphans) == r.limit {
			r.orphans = r.orphans[1:]
		}
		r.orphans = append(r.orphans, orphan{l.Parent, l.Hash})
	}
	r.known.Put(l.Hash, k)
}

// adopt looks for the children of a block that came before it. It drops those that contradict it,
// and all that was built on them: whichever of parent and child comes first, the verdict is the
// same, because a child's hash covers its parent's.
func (r *Recent) adopt(parent *chain.Link) (dropped map[types.Hash]bool) {
	for _, o := range r.orphans {
		if o.parent != parent.Hash {
			continue
		}
		if l, ok := r.Get(o.hash); ok && chain.CheckLink(parent, &l) != nil {
			if dropped == nil {
				dropped = make(map[types.Hash]bool)
			}
			dropped[o.hash] = true
		}
	}
	if dropped != nil {
		r.drop(dropped)
	}
	return dropped
}

// drop forgets blocks and their held descendants, which it adds to the set.
func (r *Recent) drop(gone map[types.Hash]bool) {
	for found := true; found; {
		found = false
		for hash, k := range r.known.All() {
			if !gone[hash] && gone[k.Parent] {
				gone[hash], found = true, true
			}
		}
	}
	for hash := range gone {
		r.known.Delete(hash)
	}
}

// ancestors calls yield with the block and up to depth-1 of its ancestors, as far as they
// are held and linked.
func (r *Recent) ancestors(h types.Hash, depth int, yield func(k *known) bool) {
	for range depth {
		k, ok := r.known.Get(h)
		if !ok || !yield(k) {
			return
		}
		h = k.Parent
	}
}

// leads reports whether l is the block h or one of its nearest Depth ancestors.
func (r *Recent) leads(l *chain.Link, h types.Hash) (found bool) {
	r.ancestors(h, Depth, func(k *known) bool {
		found = k.Hash == l.Hash
		return !found && k.Number > l.Number
	})
	return found
}
