// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"sync"

	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/types"
)

// seen remembers which transactions were mentioned, and which of them need no more work. The loop
// writes it; readers look up.
type seen struct {
	mu    sync.Mutex
	known *bounded.Map[types.Hash, knowledge] // guarded by mu
}

// knowledge is what is known of a transaction.
type knowledge uint8

const (
	isNamed knowledge = iota + 1 // its hash was told
	isWhole                      // its body was here
	isJunk                       // its body was here, and is not worth telling
)

// hearing is the effect of one announcement or delivery of a transaction.
type hearing uint8

const (
	first    hearing = iota // not heard of before
	complete                // heard of, and now whole
	again                   // nothing new
	junk                    // known to be junk
)

func newSeen(limit int) *seen {
	return &seen{known: bounded.NewMap[types.Hash, knowledge](limit, bounded.DropLeastRecent)}
}

// isDone reports whether the body has been here.
func (s *seen) isDone(h types.Hash) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, _ := s.known.Get(h)
	return now >= isWhole
}

// heard notes that the hash, or all of the transaction, was told.
func (s *seen) heard(h types.Hash, whole bool) hearing {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := isNamed
	if whole {
		now = isWhole
	}
	before, known := s.known.Get(h)
	switch {
	case before == isJunk:
		return junk
	case now > before:
		s.known.Put(h, now)
	}
	switch {
	case !known:
		return first
	case now > before:
		return complete
	}
	return again
}

// refuse notes that the transaction is junk.
func (s *seen) refuse(h types.Hash) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known.Put(h, isJunk)
}
