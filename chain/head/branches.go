// SPDX-License-Identifier: Apache-2.0

package head

import (
	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/types"
)

// adopt looks for the children of a held block that came before it, and joins their lineage to its own. It
// drops those that contradict it, and all that was built on them: whichever of parent and child comes
// first, the verdict is the same, because a child's hash covers its parent's.
func (r *Recent[P]) adopt(hash types.Hash) (dropped map[types.Hash]bool) {
	parent, _ := r.known.Get(hash)
	left := r.orphans[:0]
	for _, o := range r.orphans {
		if o.parent != hash {
			left = append(left, o)
			continue
		}
		child, _ := r.known.Get(o.hash)
		if chain.CheckLink(&parent.Link, &child.Link) == nil {
			begins, td := parent.total()
			child.lineage.into, child.lineage.above = begins, td
			continue
		}
		if dropped == nil {
			dropped = make(map[types.Hash]bool)
		}
		dropped[o.hash] = true
	}
	clear(r.orphans[len(left):])
	r.orphans = left
	if dropped != nil {
		r.drop(dropped)
	}
	return dropped
}

// drop forgets blocks and their held descendants, which it adds to the set.
func (r *Recent[P]) drop(gone map[types.Hash]bool) {
	for found := true; found; {
		found = false
		for hash, k := range r.known.All() {
			if !gone[hash] && gone[k.Parent] {
				gone[hash], found = true, true
			}
		}
	}
	for hash := range gone {
		if k, ok := r.known.Get(hash); ok {
			r.remove(k)
		}
	}
}

// ancestors calls yield with the block and up to depth-1 of its ancestors, as far as they
// are held and linked.
func (r *Recent[P]) ancestors(h types.Hash, depth int, yield func(k *known) bool) {
	for range depth {
		k, ok := r.known.Get(h)
		if !ok || !yield(k) {
			return
		}
		h = k.Parent
	}
}

// leads reports whether l is the block h or one of its nearest Depth ancestors. Numbers are compared
// before ancestors are looked up.
func (r *Recent[P]) leads(l, h *chain.Link) (found bool) {
	if l.Number > h.Number || h.Number-l.Number > Depth {
		return false
	}
	r.ancestors(h.Hash, Depth, func(k *known) bool {
		found = k.Hash == l.Hash
		return !found && k.Number > l.Number
	})
	return found
}

// followsTold reports whether the block's parent was told as a new block.
func (r *Recent[P]) followsTold(l *chain.Link) bool {
	parent, ok := r.known.Get(l.Parent)
	return ok && parent.told
}

// markTold notes that a block was told as a new block, and whether it is a fork then.
func (r *Recent[P]) markTold(h types.Hash, head *chain.Link) {
	k, ok := r.known.Get(h)
	if !ok || k.told {
		return
	}
	k.told, k.fork = true, r.isFork(&k.Link, head)
	if parent, ok := r.known.Get(k.Parent); ok {
		parent.child = true
	}
}

// isFork reports whether a block is not the first that is told on its parent, on a line of such blocks
// that began on the head's branch. Any number of forks costs a peer nothing to make.
func (r *Recent[P]) isFork(l, head *chain.Link) bool {
	parent, ok := r.known.Get(l.Parent)
	return !ok || parent.child || parent.fork && !r.leads(&parent.Link, head)
}
