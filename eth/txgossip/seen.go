// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"sync"

	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/types"
)

// Bounds of what is remembered of transactions whose body was here.
const (
	maxOnce  = 1 << 16 // one peer has mentioned them
	maxOften = 1 << 17 // several peers have, or a block
	maxJunk  = 1 << 14 // not told
)

// A flaw is why a transaction is not told.
type flaw uint8

const (
	noFlaw     flaw = iota
	invalid         // its signature, or another value
	otherChain      // it is signed for another chain (EIP-155)
)

// seen remembers which transactions have been here whole. Those that several peers mentioned are
// apart from those of one peer, and from junk, so that a flood of one peer displaces neither the
// first nor more than its own kind. In each of the three the one longest not mentioned makes room.
//
// owner: the loop. Other goroutines look up with isDone.
type seen struct {
	mu    sync.Mutex // guards what follows
	once  *bounded.Map[types.Hash, *credit]
	often *bounded.Map[types.Hash, struct{}]
	junk  *bounded.Map[types.Hash, flaw]
}

func newSeen() *seen {
	return &seen{
		once:  bounded.NewMap[types.Hash, *credit](maxOnce, bounded.DropLeastRecent),
		often: bounded.NewMap[types.Hash, struct{}](maxOften, bounded.DropLeastRecent),
		junk:  bounded.NewMap[types.Hash, flaw](maxJunk, bounded.DropLeastRecent),
	}
}

// isDone reports whether the body has been here.
func (s *seen) isDone(h types.Hash) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.once.Has(h) || s.often.Has(h) || s.junk.Has(h)
}

// mention notes that a peer mentioned the transaction. It reports whether the body was here, and what
// is wrong with it. The first mention by another peer than the one that delivered it confirms it.
func (s *seen) mention(h types.Hash, by *credit) (whole bool, why flaw) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, whole = s.often.Get(h); whole {
		return true, noFlaw
	}
	if from, once := s.once.Get(h); once {
		if by.confirms(from) {
			from.confirm()
			s.once.Delete(h)
			s.often.Put(h, struct{}{})
		}
		return true, noFlaw
	}
	why, whole = s.junk.Get(h)
	return whole, why
}

// deliver notes that a peer delivered the transaction, which was not here before. If another peer has
// mentioned it, it is confirmed.
func (s *seen) deliver(h types.Hash, by *credit, confirmed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !confirmed {
		s.once.Put(h, by)
		return
	}
	s.often.Put(h, struct{}{})
	by.confirm()
}

// refuse notes that the transaction is junk.
func (s *seen) refuse(h types.Hash, why flaw) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.junk.Put(h, why)
}
