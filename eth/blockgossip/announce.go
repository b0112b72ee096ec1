// SPDX-License-Identifier: Apache-2.0

// in: announced blocks, what became of requests, time · out: which peer to ask for which header · owner:
// the loop

package blockgossip

import (
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/eth/fetch"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/types"
)

// The rules of block hashes (devp2p/caps/eth.md#newblockhashes-0x01). A peer announces what it has imported, after it has sent the
// whole block to some (devp2p/caps/eth.md#block-propagation): another peer's whole block
// may be on its way.
//
// The wait is for that. It is go-ethereum's, with its slack: a peer that is asked sooner answers what would have come.
const (
	announceWait    = 500 * time.Millisecond
	announceSlack   = 100 * time.Millisecond
	announceForget  = 5 * time.Second
	maxAnnounced    = 256 // per peer
	maxAnnouncedAll = 2048
	maxCooldown     = 32 * time.Second // of a peer that does not answer; it begins with 1 s
)

// announcements holds the blocks of which only hash and number are known. P names a peer.
type announcements[P comparable] struct {
	table *fetch.Table[types.Hash, P, uint64] // the note is the number that the peer said

	// first is which peer announced a block first, also if it has left. What the table no longer
	// tracks stays until it is overwritten or the oldest.
	first *bounded.Map[types.Hash, event.Source]
}

func newAnnouncements[P comparable](choose func(n int) int) *announcements[P] {
	return &announcements[P]{
		table: fetch.New[types.Hash, P, uint64](fetch.Rules{
			Limit: maxAnnouncedAll, PerPeer: maxAnnounced, Wait: announceWait, Gather: announceSlack, Forget: announceForget,
			AskKeys: 1, Cooldown: time.Second, MaxCooldown: maxCooldown,
			Shuffle: func(n int, swap func(i, j int)) { shuffle(n, choose, swap) },
		}),
		first: bounded.NewMap[types.Hash, event.Source](maxAnnouncedAll, bounded.DropOldest),
	}
}

// shuffle puts n things into a random order (Fisher and Yates).
func shuffle(n int, choose func(n int) int, swap func(i, j int)) {
	for i := n - 1; i > 0; i-- {
		swap(i, i-choose(i+1))
	}
}

func (s *announcements[P]) join(p P)  { s.table.Join(p) }
func (s *announcements[P]) leave(p P) { s.table.Leave(p) }

// offer notes that a peer announced a block, and reports whether there was room for that.
func (s *announcements[P]) offer(now time.Time, p P, source event.Source, ref chain.Ref) bool {
	isNew := !s.table.Has(ref.Hash)
	if !s.table.Offer(now, p, ref.Hash, 0, ref.Number) {
		return false
	}
	if isNew {
		s.first.Put(ref.Hash, source)
	}
	return true
}

// take forgets a block, because its header is here. It returns the peers that announced it and
// the first of all; no offers, if none did or that is too long ago. The offers are borrowed until
// the next call.
func (s *announcements[P]) take(h types.Hash) (first event.Source, offers []fetch.Offered[P, uint64]) {
	first, _ = s.first.Get(h)
	s.first.Delete(h)
	return first, s.table.Got(h)
}

// next returns which headers to ask for, one of each peer, and when to call it again.
func (s *announcements[P]) next(now time.Time) ([]fetch.Ask[types.Hash, P], time.Time) {
	return s.table.Next(now)
}

// answered says that the peer has answered; if it gave the header, that was taken before.
func (s *announcements[P]) answered(p P) { _ = s.table.Answered(p, nil) }

// failed says that the peer did not answer in time. It is asked again after
// a cooldown.
func (s *announcements[P]) failed(now time.Time, p P) { s.table.Failed(now, p) }

// late says that the peer answered after its time: it need not wait for the end of its cooldown.
func (s *announcements[P]) late(p P) { s.table.Late(p) }

// busy says that the peer cannot be asked yet.
func (s *announcements[P]) busy(now time.Time, p P) { s.table.Postpone(now, p) }

// takeLosses returns how many announcements there was no room for since the last call.
func (s *announcements[P]) takeLosses() uint64 {
	lost := s.table.Losses
	s.table.Losses = fetch.Losses{}
	return lost.PerPeer + lost.Table
}
