// SPDX-License-Identifier: Apache-2.0

// in: headers, and which block each peer says is its latest · out: the head · owner: whoever holds
// the tracker

package chain

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/types"
)

// Depth is how far back a tracker looks for what two claims have in common, in blocks.
const Depth = 64

// A Head is the best block that enough peers attest to.
type Head struct {
	Link
	Attested int // how many peers claim it or a later block
}

// A Tracker keeps recent blocks and works out the head from what peers claim. It checks
// what headers show; work, seals and state it cannot check. So one peer's word is worth
// little: the head is the best block that has the support of half of the peers that claim
// anything, or of a fixed number of peers, whichever is less.
//
// Best is the greatest total difficulty if that is known of all the blocks in question,
// then the greatest number, then what was the head before, then what was heard of first.
//
// P names a peer.
type Tracker[P comparable] struct {
	Recent *Recent

	quorum int
	claims map[P]claim
	head   Head
	has    bool
	dirty  bool

	votes votes // scratch of settle
}

// A claim is what a peer says is its latest block. While we don't know that, what it said
// before still counts.
type claim struct {
	known   types.Hash // zero: none
	unknown Ref        // said since; zero: nothing
	number  bool       // unknown's number was said
}

// NewTracker returns a tracker that knows the genesis block and, besides, the limit-1
// blocks that were heard of last. Quorum peers are enough for any head; at least 1.
func NewTracker[P comparable](genesis Link, quorum, limit int) *Tracker[P] {
	t := &Tracker[P]{
		Recent: newRecent(limit),
		quorum: max(1, quorum),
		claims: make(map[P]claim),
		votes:  votes{support: make(map[types.Hash]int)},
	}
	t.Recent.add(genesis, &genesis.Difficulty)
	return t
}

// Add takes a block whose header is correct by itself, with its total difficulty if
// somebody claimed it. It returns an error, and takes nothing, if the block contradicts
// its parent.
func (t *Tracker[P]) Add(l Link, td *uint256.Int) error {
	if parent, ok := t.Recent.Get(l.Parent); ok {
		if err := CheckLink(&parent, &l); err != nil {
			return err
		}
	}
	t.Recent.add(l, td)
	t.dirty = true
	for p, c := range t.claims {
		if c.unknown.Hash == l.Hash {
			t.claims[p] = claim{known: l.Hash}
		}
	}
	return nil
}

// Claim notes the block that the peer says is its latest, in place of what it said
// before.
func (t *Tracker[P]) Claim(p P, latest Ref) { t.claim(p, latest, true) }

// Told notes that the peer told of a block, as peers do of every block that is good,
// whatever they think is the best. It counts as the peer's latest only if it is better
// than what the peer claimed before.
func (t *Tracker[P]) Told(p P, block Ref) {
	c := t.claims[p]
	before, had := t.Recent.known.Get(c.known)
	told, known := t.Recent.known.Get(block.Hash)
	switch {
	case !known:
		if block.Number > max(before.Number, c.unknown.Number) {
			t.claim(p, block, true)
		}
	case had && !told.outdoes(&before):
	case c.number && c.unknown.Number > told.Number:
		c.known = block.Hash
		t.claims[p], t.dirty = c, true
	default:
		t.claim(p, block, true)
	}
}

// ClaimHash is Claim for a block whose number was not said. It counts once the block is
// known.
func (t *Tracker[P]) ClaimHash(p P, latest types.Hash) { t.claim(p, Ref{Hash: latest}, false) }

func (t *Tracker[P]) claim(p P, latest Ref, number bool) {
	c := claim{known: latest.Hash}
	if !t.Recent.Has(latest.Hash) {
		c = claim{known: t.claims[p].known, unknown: latest, number: number}
	}
	if t.claims[p] != c {
		t.claims[p] = c
		t.dirty = true
	}
}

// Claimed returns what the peer claimed last: of a block that is not known and whose
// number was not said, with number 0.
func (t *Tracker[P]) Claimed(p P) (Ref, bool) {
	c, ok := t.claims[p]
	if l, known := t.Recent.Get(c.known); known && c.unknown == (Ref{}) {
		return l.Ref(), ok
	}
	return c.unknown, ok
}

// Leave forgets the peer.
func (t *Tracker[P]) Leave(p P) {
	delete(t.claims, p)
	t.dirty = true
}

// Head returns the head as it was when last settled, and false if there has been none.
func (t *Tracker[P]) Head() (Head, bool) { return t.head, t.has }

// Settle works out the head after something changed and reports whether it is another
// block than before. A head stays when its peers leave, or say that they have only an
// ancestor of it.
func (t *Tracker[P]) Settle() (Head, bool) {
	if !t.dirty {
		return t.head, false
	}
	t.dirty = false
	t.count()
	best, ok := t.best()
	same := !ok || best.Hash == t.head.Hash || t.has && t.Recent.leads(&best.Link, t.head.Hash)
	if !same {
		t.head.Link, t.has = best.Link, true
		t.Recent.lead(best.Hash)
	}
	if t.has {
		t.head.Attested = t.attested(&t.head.Link)
	}
	return t.head, !same
}
