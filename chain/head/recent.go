// SPDX-License-Identifier: Apache-2.0

package head

import (
	"slices"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/types"
)

// Recent holds the headers that arrived last, with a share for each peer that gave some: see
// makeRoom. P names a peer. The owner is the owner of its [Tracker].
type Recent[P comparable] struct {
	limit  int
	known  *bounded.Map[types.Hash, *known]
	next   uint64       // the order of the next block
	givers map[P]*giver // the peers that gave headers that are held
	ours   *giver       // of the genesis block, and of peers that have left
	round  uint64       // of the marks of the head's branch

	// orphans are the held blocks whose parent was not held when they came, the oldest first.
	orphans []orphan
}

type orphan struct{ parent, hash types.Hash }

// A giver counts the held headers that one peer gave.
type giver struct{ held int }

// A known block does not change once it is held, but for its giver, its mark and what was told.
type known struct {
	chain.Link
	order    uint64 // when it came: the lower, the earlier
	lineage  *lineage
	td       uint256.Int // from where the lineage begins
	gossiped bool
	told     bool // it was told as a new block
	fork     bool // see isFork
	child    bool // a block on it was told
	giver    *giver
	mark     uint64 // the round in which it was on the head's branch
}

// A lineage is blocks whose total difficulty follows from each other's. The total difficulty that a
// peer claims is used nowhere: blocks without a common held ancestor are not compared by it.
type lineage struct {
	into  *lineage    // the lineage of the first block's parent; nil: the parent was not held
	above uint256.Int // the parent's total difficulty in that lineage
}

// total returns where the block's lineage begins and the difficulty from there up to the block.
func (k *known) total() (*lineage, uint256.Int) {
	for l := k.lineage; l.into != nil; l = k.lineage {
		k.td.Add(&k.td, &l.above)
		k.lineage = l.into
	}
	return k.lineage, k.td
}

// outdoes reports whether k is the better block: by total difficulty if it follows from a common
// ancestor, otherwise by number.
func (k *known) outdoes(other *known) bool {
	mine, td := k.total()
	if theirs, otherTD := other.total(); mine == theirs && td != otherTD {
		return td.Gt(&otherTD)
	}
	return k.Number > other.Number
}

// newRecent returns an empty window of at most limit blocks.
func newRecent[P comparable](limit int) *Recent[P] {
	return &Recent[P]{
		limit:  limit,
		known:  bounded.NewMap[types.Hash, *known](limit, bounded.DropOldest),
		givers: make(map[P]*giver),
		ours:   new(giver),
	}
}

// Get returns the block with that hash.
func (r *Recent[P]) Get(h types.Hash) (chain.Link, bool) {
	k, ok := r.known.Get(h)
	if !ok {
		return chain.Link{}, false
	}
	return k.Link, true
}

// Has reports whether the block is held.
func (r *Recent[P]) Has(h types.Hash) bool { return r.known.Has(h) }

// Len returns how many blocks are held.
func (r *Recent[P]) Len() int { return r.known.Len() }

// add puts a block that is not held. The head is the block that keeps its place, with its nearest
// ancestors.
func (r *Recent[P]) add(l chain.Link, from *giver, gossiped bool, head types.Hash) {
	r.makeRoom(head)
	k := &known{Link: l, order: r.next, gossiped: gossiped, giver: from}
	r.next++
	from.held++
	if parent, ok := r.known.Get(l.Parent); ok {
		begins, td := parent.total()
		k.lineage = begins
		k.td.Add(&td, &l.Difficulty)
	} else {
		k.lineage, k.td = new(lineage), l.Difficulty
		r.orphans = append(r.orphans, orphan{l.Parent, l.Hash})
	}
	r.known.Put(l.Hash, k)
}

// giverOf returns the count of a peer.
func (r *Recent[P]) giverOf(p P) *giver {
	g := r.givers[p]
	if g == nil {
		g = new(giver)
		r.givers[p] = g
	}
	return g
}

// leave counts what a peer gave among what all peers gave that have left, so that coming back under
// another name gives no new share.
func (r *Recent[P]) leave(p P) {
	g := r.givers[p]
	if g == nil {
		return
	}
	delete(r.givers, p)
	for _, k := range r.known.All() {
		if k.giver == g {
			k.giver = r.ours
			r.ours.held++
		}
	}
}

// makeRoom drops a block if there is no room for another: the oldest of the peer that gave the most. The
// head and its nearest ancestors go last.
func (r *Recent[P]) makeRoom(head types.Hash) {
	if r.known.Len() < r.limit {
		return
	}
	most := r.ours.held
	for _, g := range r.givers {
		most = max(most, g.held)
	}
	r.markBranch(head)
	var victim, spare *known
	for _, k := range r.known.All() {
		if k.mark == r.round {
			continue
		}
		if spare == nil {
			spare = k
		}
		if k.giver.held == most {
			victim = k
			break
		}
	}
	switch {
	case victim != nil:
		r.remove(victim)
	case spare != nil:
		r.remove(spare)
	default:
		for _, oldest := range r.known.All() {
			r.remove(oldest)
			return
		}
	}
}

func (r *Recent[P]) remove(k *known) {
	k.giver.held--
	r.known.Delete(k.Hash)
	r.orphans = slices.DeleteFunc(r.orphans, func(o orphan) bool { return o.hash == k.Hash })
}

// markBranch marks a block and its nearest ancestors.
func (r *Recent[P]) markBranch(h types.Hash) {
	r.round++
	r.ancestors(h, Depth+1, func(k *known) bool {
		k.mark = r.round
		return true
	})
}

// onBranch reports whether the block, or one of its nearest ancestors, was marked last.
func (r *Recent[P]) onBranch(h types.Hash) (found bool) {
	r.ancestors(h, Depth+1, func(k *known) bool {
		found = k.mark == r.round
		return !found
	})
	return found
}
