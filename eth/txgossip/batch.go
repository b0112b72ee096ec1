// SPDX-License-Identifier: Apache-2.0

// in: the stage · out: batches with their senders, for the loop · owner: the stage's goroutine

package txgossip

import (
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/internal/owner"
	"github.com/ethpeer/ethpeer/types"
)

// maxRecent bounds the transactions whose senders were recovered and that the loop may not have told yet.
const maxRecent = 1024

// A batch is what a peer gets done in one turn.
type batch struct {
	job
	block []byte // transactions of a block that are not read yet; then all is empty
}

// take removes the batch of the next peer in turn. It reports false if there is none.
func (s *stage) take() (b batch, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.turns) == 0 {
		return b, false
	}
	l := s.turns[0]
	s.turns = append(s.turns[1:], l)
	if len(l.jobs) == 0 || l.block && len(l.blocks) > 0 {
		b = s.takeBlock(l)
	} else {
		b = s.takeJob(l)
	}
	l.block = !l.block
	s.retire(l)
	select {
	case l.room <- struct{}{}:
	default:
	}
	return b, true
}

func (s *stage) takeJob(l *line) (b batch) {
	first := &l.jobs[0]
	b.job = *first
	n := cutHeard(first.all, l.credit.turn())
	b.all, first.all = first.all[:n], first.all[n:]
	l.txs, s.txs = l.txs-n, s.txs-n
	if len(first.all) > 0 {
		b.end = nil
		return b
	}
	*first = job{}
	l.jobs = l.jobs[1:]
	return b
}

// cutHeard returns how many of the transactions are in a batch with so many recoveries.
func cutHeard(all []heard, recoveries int) int {
	for i := range all {
		if i == maxPart || recoveries == 0 {
			return i
		}
		if all[i].read != nil {
			recoveries--
		}
	}
	return len(all)
}

func (s *stage) takeBlock(l *line) (b batch) {
	first := &l.blocks[0]
	b.arrival = arrival{at: first.at, by: first.by, via: event.ViaBlock, credit: l.credit}
	b.meter = first.meter
	b.block, first.txs = cutItems(first.txs, l.credit.turn())
	if len(first.txs) == 0 || len(b.block) == 0 {
		s.removeBlock(l, 0)
	}
	return b
}

// A recoverer recovers senders. It has one owner.
type recoverer struct {
	seen   *seen
	recent *bounded.Map[types.Hash, *reading] // of those that the loop may not have told yet; nil = invalid
	count  atomic.Uint64                      // of recoveries
}

func newRecoverer(s *seen) *recoverer {
	return &recoverer{seen: s, recent: bounded.NewMap[types.Hash, *reading](maxRecent, bounded.DropOldest)}
}

// finish sets the sender of a transaction. It recovers none that is told already, or was recovered
// a moment ago.
func (r *recoverer) finish(h *heard) {
	if h.read == nil {
		return
	}
	if r.seen.isDone(h.hash) {
		h.read = nil
		return
	}
	before, known := r.recent.Get(h.hash)
	if !known {
		r.count.Add(1)
		from, err := h.read.sig.Sender()
		if before = h.read; err != nil {
			before = nil
		} else {
			before.From = from
		}
		r.recent.Put(h.hash, before)
	}
	if h.read = before; before == nil {
		h.flaw = invalid
	}
}

// work reads what is unread of a batch, recovers its senders, and returns what the loop has to do.
func (g *Gossip) work(b *batch) owner.Letter[*machine] {
	if b.block != nil {
		b.all = g.hearBlock(b.block)
		charge(b.meter, heardBytes*len(b.all))
	}
	for i := range b.all {
		g.recoverer.finish(&b.all[i])
	}
	from, all, end, meter := b.arrival, b.all, b.end, b.meter
	return func(m *machine, _ time.Time) {
		give(meter, heardBytes*len(all))
		m.arrived(&from, all)
		if end != nil {
			end(m)
		}
	}
}
