// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/bounded"
)

const (
	walkAhead  = 32              // nodes that wait for somebody who wants them; those found beyond are dropped
	walkMemory = 4096            // nodes that were found; the first that was is forgotten
	walkAgain  = 5 * time.Minute // a node is found again after this time
	walkPause  = time.Second     // from the beginning of a lookup that finds nobody to the next
)

// A walk looks up random IDs for as long as somebody wants a node. It belongs to the
// machine.
type walk struct {
	give  func(now time.Time, n enr.Node) // who wants a node; nil: nobody does
	ahead []enr.Node
	found *bounded.Map[enr.ID, time.Time] // when

	lookup *lookup // nil: none
	news   bool    // it has found somebody
	next   time.Time
}

func newWalk() walk {
	return walk{found: bounded.NewMap[enr.ID, time.Time](walkMemory, bounded.DropOldest)}
}

// onWant gives a node to one who waits, when there is one.
func (m *machine) onWant(now time.Time, give func(now time.Time, n enr.Node)) {
	m.walk.give = give
	m.stroll(now)
}

// onEnough says that nobody waits any longer.
func (m *machine) onEnough() { m.walk.give = nil }

// stroll gives a node or goes on to find one.
func (m *machine) stroll(now time.Time) {
	w := &m.walk
	switch {
	case w.give == nil:
	case len(w.ahead) > 0:
		w.hand(now)
	case w.lookup != nil:
		m.advance(now, w.lookup)
	case !now.Before(w.next):
		m.look(now)
	}
}

func (m *machine) look(now time.Time) {
	w := &m.walk
	w.next, w.news = now.Add(walkPause), false
	if m.table.Len() == 0 {
		m.act(now, m.table.WantRefresh(now))
	}
	w.lookup = &lookup{
		target: m.randomID(),
		pause:  func() bool { return w.give == nil },
		heard:  m.onTold,
		done: func(now time.Time, _ []kad.Contact) {
			w.lookup = nil
			if w.news {
				w.next = now
			}
		},
	}
	m.lookUp(now, w.lookup)
	m.stroll(now)
}

// onTold takes nodes that a lookup heard of, and keeps those that are news.
func (m *machine) onTold(now time.Time, told []kad.Contact) {
	w := &m.walk
	for _, c := range told {
		at, known := w.found.Get(c.ID)
		if c.Node.Record == nil || known && now.Sub(at) < walkAgain {
			continue
		}
		if len(w.ahead) == walkAhead {
			m.losses[lostWalk]++
			continue
		}
		w.found.Delete(c.ID) // so that it is the newest
		w.found.Put(c.ID, now)
		w.news = true
		w.ahead = append(w.ahead, c.Node)
	}
	if w.give != nil && len(w.ahead) > 0 {
		w.hand(now)
	}
}

// hand gives the first node to the one who waits.
func (w *walk) hand(now time.Time) {
	n, give := w.ahead[0], w.give
	w.ahead, w.give = w.ahead[1:], nil
	give(now, n)
}

// deadline returns when stroll is due: the zero time if nobody waits, or answers do it.
func (w *walk) deadline() time.Time {
	if w.give == nil || w.lookup != nil {
		return time.Time{}
	}
	return w.next
}
