// SPDX-License-Identifier: Apache-2.0

// in: blocks that cannot be checked yet, time · out: those that can · owner: the importer, behind its mutex

package blockgossip

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/types"
)

// Bounds of the blocks that wait for their parent or their time. A block beyond them is dropped: its hash is
// announced by the peers that have it, and synchronisation finds it.
const (
	maxWaiting      = 256
	maxPeerWaiting  = 64 // of one peer, as in go-ethereum
	maxWaitingBytes = 32 << 20
	maxPeerBytes    = 8 << 20
	waitFor         = time.Minute      // for the parent
	maxFuture       = 30 * time.Second // ahead of our clock, beyond chain.MaxAhead; as in go-ethereum
)

// A wholeBlock is a block with its body.
type wholeBlock struct {
	hash, parent types.Hash
	number, time uint64
	header, body []byte    // RLP, the body as BlockBodies has it; nothing changes them
	from         *listener // the peer that sent it; nil: ours
	future       bool      // it came before its time, and is not passed on
	retried      bool      // it waited though its parent was held
	since        time.Time // when it began to wait; zero: it did not
}

// freshFor is how long a block may wait for its parent and is still passed on. What comes later, such as what waited for a
// synchronisation, is known to the peers by then, or is a backlog that overflows their queues: of it the head alone is told.
const freshFor = 4 * time.Second

// backlog reports whether a block has waited for too long to be passed on.
func (b *wholeBlock) backlog(now time.Time) bool {
	return !b.since.IsZero() && now.Sub(b.since) > freshFor
}

func (b *wholeBlock) size() int { return len(b.header) + len(b.body) }

// waiting holds blocks until their parent is held and their time has come.
type waiting struct {
	blocks map[types.Hash]waitingBlock
	shares map[*listener]share
	bytes  int
}

type waitingBlock struct {
	*wholeBlock
	until time.Time // after that it is forgotten
	due   time.Time // not to be taken before
}

// A share is what waits of one peer.
type share struct{ blocks, bytes int }

func newWaiting() waiting {
	return waiting{blocks: make(map[types.Hash]waitingBlock), shares: make(map[*listener]share)}
}

// put has a block wait, and reports false if there is no room for it.
func (w *waiting) put(now, due time.Time, b *wholeBlock) bool {
	if _, held := w.blocks[b.hash]; held {
		return true
	}
	s := w.shares[b.from]
	if len(w.blocks) == maxWaiting || s.blocks == maxPeerWaiting || w.bytes+b.size() > maxWaitingBytes || s.bytes+b.size() > maxPeerBytes {
		return false
	}
	w.shares[b.from] = share{s.blocks + 1, s.bytes + b.size()}
	w.bytes += b.size()
	if b.since.IsZero() {
		b.since = now
	}
	until := now.Add(waitFor)
	if due.After(now) {
		until = due.Add(waitFor)
	}
	w.blocks[b.hash] = waitingBlock{b, until, due}
	return true
}

func (w *waiting) remove(b *wholeBlock) {
	delete(w.blocks, b.hash)
	w.bytes -= b.size()
	s := w.shares[b.from]
	if s = (share{s.blocks - 1, s.bytes - b.size()}); s.blocks == 0 {
		delete(w.shares, b.from)
	} else {
		w.shares[b.from] = s
	}
}

// take removes and returns the blocks that can be checked, the lowest number first. held reports whether a parent is
// held.
func (w *waiting) take(now time.Time, held func(types.Hash) bool) (ready []*wholeBlock) {
	for _, b := range slices.Collect(maps.Values(w.blocks)) {
		switch {
		case !now.Before(b.until):
			w.remove(b.wholeBlock)
		case !now.Before(b.due) && held(b.parent):
			w.remove(b.wholeBlock)
			ready = append(ready, b.wholeBlock)
		}
	}
	slices.SortFunc(ready, func(a, b *wholeBlock) int {
		return cmp.Or(cmp.Compare(a.number, b.number), slices.Compare(a.hash[:], b.hash[:]))
	})
	return ready
}

// drop forgets the blocks of a peer that broke a rule.
func (w *waiting) drop(from *listener) {
	for _, b := range slices.Collect(maps.Values(w.blocks)) {
		if b.from == from {
			w.remove(b.wholeBlock)
		}
	}
}

// next returns when take has something to do, if no parent arrives before; the zero time if nothing waits.
func (w *waiting) next(now time.Time) (next time.Time) {
	for _, b := range w.blocks {
		next = sooner(next, b.until)
		if now.Before(b.due) {
			next = sooner(next, b.due)
		}
	}
	return next
}
