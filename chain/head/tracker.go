// SPDX-License-Identifier: Apache-2.0

// in: headers, and which block each peer says is its latest · out: the head · owner: the owner of
// the tracker

package head

import (
	"net/netip"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/types"
)

// Depth is how many blocks back a peer supports the ancestors of its latest block.
const Depth = 64

// A Head is the block that the tracker takes for the head of the chain. After the merge a header does not
// show it (EIP-3675).
type Head struct {
	chain.Link
	Supporters int  // how many peers have it, or a block that descends from it
	Unrelated  int  // how many of these are of different networks; each one without a network counts
	Gossiped   bool // the block was told without being asked for
}

// An Origin decides how much a peer weighs. The zero Origin is a peer that we dialled.
type Origin struct {
	Inbound bool         // it dialled us
	Group   netip.Prefix // its network: inbound peers of one weigh together what one weighs; zero: none
}

// A Tracker keeps recent blocks and works out the head from what peers say. It checks
// what headers show; work, seals and state it cannot check. So the head is the block that has the
// support of half of the weight of the peers that say anything comparable: see votes.go. Of several,
// the best is the head: one that shares an ancestor with the present head, then the one with the
// greatest total difficulty, where that follows from a common ancestor, then the greatest number, then
// the present head, then the one that came first.
//
// P names a peer.
type Tracker[P comparable] struct {
	Recent *Recent[P]

	peers   map[P]*peerHead
	head    Head
	has     bool
	dirty   bool
	settled uint64 // how often the head was worked out

	contested types.Hash // the best block with support that is better than the head and has too little; zero: none
	votes     votes      // scratch of Settle
}

// A peerHead is the block that a peer says is its latest. While we don't hold that block, the
// peer supports the one that it said before.
type peerHead struct {
	Origin
	known   types.Hash // zero: none
	unknown chain.Ref  // said since; zero: nothing
	number  bool       // unknown's number was said
}

// said reports whether the peer has said anything.
func (p *peerHead) said() bool { return !p.known.IsZero() || p.unknown != (chain.Ref{}) }

// NewTracker returns a tracker that holds the genesis block and at most limit blocks in all; at least 1.
// A full one drops the oldest block of the peer that gave the most.
func NewTracker[P comparable](genesis chain.Link, limit int) *Tracker[P] {
	t := &Tracker[P]{
		Recent: newRecent[P](limit),
		peers:  make(map[P]*peerHead),
		votes:  newVotes(),
	}
	t.Recent.add(genesis, t.Recent.ours, false, types.Hash{})
	return t
}

// Add takes a block, which a peer gave, and whose header is correct by itself; gossiped says that the
// block was told without being asked for. It returns an error, and takes nothing, if the block
// contradicts its parent. Children that are held and contradict the block are dropped.
func (t *Tracker[P]) Add(from P, l chain.Link, gossiped bool) error {
	if t.Recent.Has(l.Hash) {
		return nil
	}
	if parent, ok := t.Recent.Get(l.Parent); ok {
		if err := chain.CheckLink(&parent, &l); err != nil {
			return err
		}
	}
	t.Recent.add(l, t.Recent.giverOf(from), gossiped, t.head.Hash)
	if t.Recent.adopt(l.Hash)[t.head.Hash] {
		t.head, t.has = Head{}, false
	}
	t.dirty = true
	for _, p := range t.peers {
		if p.unknown.Hash == l.Hash {
			p.known, p.unknown, p.number = l.Hash, chain.Ref{}, false
		}
	}
	return nil
}

// Join says where a peer comes from. A peer that says something before it joined counts as
// one that we dialled.
func (t *Tracker[P]) Join(p P, from Origin) { t.peer(p).Origin = from }

func (t *Tracker[P]) peer(p P) *peerHead {
	h := t.peers[p]
	if h == nil {
		h = new(peerHead)
		t.peers[p] = h
	}
	return h
}

// Latest notes the block that the peer says is its latest, in place of what it said before, as in a Status
// from eth/69 on (EIP-7642) or a BlockRangeUpdate (devp2p/caps/eth.md#blockrangeupdate-0x11).
func (t *Tracker[P]) Latest(p P, latest chain.Ref) { t.setLatest(p, latest, true) }

// LatestHash is Latest for a block whose number was not said, as in a Status up to eth/68
// (devp2p/caps/eth.md#status-0x00).
func (t *Tracker[P]) LatestHash(p P, latest types.Hash) {
	t.setLatest(p, chain.Ref{Hash: latest}, false)
}

// Told notes that the peer told of a block, as peers do of every valid block, whether or not it is their
// latest (devp2p/caps/eth.md#block-propagation). It counts as the peer's latest only if it is better
// than what the peer said before. Told reports whether it does.
func (t *Tracker[P]) Told(p P, block chain.Ref) bool {
	h := t.peer(p)
	said := *h
	before, had := t.Recent.known.Get(h.known)
	told, known := t.Recent.known.Get(block.Hash)
	switch {
	case !known:
		if block.Number > h.unknown.Number && (!had || block.Number > before.Number) {
			t.setLatest(p, block, true)
		}
	case had && !told.outdoes(before):
	case h.number && h.unknown.Number > told.Number:
		h.known, t.dirty = block.Hash, true
	default:
		t.setLatest(p, block, true)
	}
	return *h != said
}

func (t *Tracker[P]) setLatest(p P, latest chain.Ref, number bool) {
	h := t.peer(p)
	next := peerHead{Origin: h.Origin, known: latest.Hash}
	if !t.Recent.Has(latest.Hash) {
		next = peerHead{Origin: h.Origin, known: h.known, unknown: latest, number: number}
	}
	if *h != next {
		*h, t.dirty = next, true
	}
}

// Withdraw forgets that the peer said that the block is its latest, because it does not give the
// header. What it said before still counts.
func (t *Tracker[P]) Withdraw(p P, latest types.Hash) {
	if h := t.peers[p]; h != nil && h.unknown.Hash == latest {
		h.unknown, h.number, t.dirty = chain.Ref{}, false, true
	}
}

// Said returns the block that the peer said last: one that is not held and whose number was not
// said, with number 0. It returns false if the peer has said nothing.
func (t *Tracker[P]) Said(p P) (chain.Ref, bool) {
	h := t.peers[p]
	if h == nil || !h.said() {
		return chain.Ref{}, false
	}
	if l, ok := t.Recent.Get(h.known); ok && h.unknown == (chain.Ref{}) {
		return l.Ref(), true
	}
	return h.unknown, true
}

// Leave forgets the peer.
func (t *Tracker[P]) Leave(p P) {
	delete(t.peers, p)
	t.Recent.leave(p)
	t.dirty = true
}

// Head returns the head as it was when last settled, and false if there has been none.
func (t *Tracker[P]) Head() (Head, bool) { return t.head, t.has }

// Settle works out the head after something changed and reports whether it is another
// block than before. A head stays when its supporters leave, or say that they have only an
// ancestor of it.
func (t *Tracker[P]) Settle() (Head, bool) {
	if !t.dirty {
		return t.head, false
	}
	t.dirty = false
	t.settled++
	t.count()
	best := t.best()
	same := best == nil || t.has && (best.Hash == t.head.Hash || t.Recent.leads(&best.Link, &t.head.Link))
	if !same {
		t.head.Link, t.head.Gossiped, t.has = best.Link, best.gossiped, true
	}
	if t.has {
		t.head.Supporters = t.votes.support[t.head.Hash].peers
		t.head.Unrelated = t.unrelated(&t.head.Link)
	}
	return t.head, !same
}
