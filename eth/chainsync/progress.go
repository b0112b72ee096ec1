// SPDX-License-Identifier: Apache-2.0

package chainsync

import (
	"time"

	"github.com/ethpeer/ethpeer/event"
)

// Progress says how far a synchronisation is.
type Progress struct {
	Syncing bool   // the head is far from what peers or sources name, or headers below it are missing
	Head    uint64 // our head's number
	Target  uint64 // the number of the head that peers or sources name; Head if that is not known

	Headers     uint64 // that came since the synchronisation began
	HeadersLeft uint64 // at most: a gap may end above its floor
	BlocksLeft  uint64 // kept blocks whose body or receipts are missing
	Peers       int    // that can be asked
}

// tellEvery is the time between two events of a synchronisation.
const tellEvery = 5 * time.Second

// A meter measures progress and records it. Owner: the loop.
type meter struct {
	record event.Recorder
	told   time.Time
	last   Progress
	begun  bool
	start  uint64 // headers that were held when it began
}

func (t *meter) measure(now time.Time, m *looper) *Progress {
	c := m.sync.chain
	p := &Progress{Syncing: m.syncing(), Head: m.local.Number, Target: m.local.Number, Peers: len(m.peers.all)}
	if f := m.forward; f != nil {
		p.Target = max(p.Target, f.remote)
	}
	b := &m.backward
	if b.next != nil {
		p.Target = max(p.Target, b.next.Number)
	}
	p.HeadersLeft = p.Target - p.Head
	if b.hasGap {
		p.HeadersLeft += b.gap.Next.Number - max(1, b.gap.Floor) + 1
	}
	if _, low := c.Kept(); low <= p.Head {
		p.BlocksLeft = p.Head - max(low, 1) + 1
		for _, run := range c.Full() {
			if run[1] >= max(low, 1) {
				p.BlocksLeft -= run[1] - max(run[0], low, 1) + 1
			}
		}
	}
	held := p.Target - p.HeadersLeft
	if !t.begun {
		t.start = held
	}
	if p.Syncing {
		p.Headers = held - min(held, t.start)
	}
	t.tell(now, p)
	return p
}

// tell records the beginning and the end of a synchronisation, and how far it is in between.
func (t *meter) tell(now time.Time, p *Progress) {
	state := event.SyncRuns
	runs := p.Syncing || p.BlocksLeft > withholdFrom
	switch {
	case runs && !t.begun:
		state = event.SyncStarts
	case !runs && t.begun:
		state = event.SyncEnds
	case !runs, now.Before(t.told.Add(tellEvery)), *p == t.last:
		return
	}
	t.begun, t.told, t.last = runs, now, *p
	t.record.Record(event.Sync{
		At: event.At{Time: now}, State: state, Number: p.Head, Target: p.Target,
		HeadersLeft: p.HeadersLeft, BlocksLeft: p.BlocksLeft, Peers: p.Peers,
	})
}
