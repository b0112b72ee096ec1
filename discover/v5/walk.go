// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/enr"
)

// A walk gives nodes to whoever waits in Next. It belongs to the machine.
type walk struct {
	*kad.Iterator
	waiter func(enr.Node) // nil: nobody waits
}

// onWant gives a node to one who waits, when there is one.
func (m *machine) onWant(now time.Time, give func(enr.Node)) {
	m.walk.waiter = give
	m.stroll(now)
}

// onEnough says that nobody waits any longer.
func (m *machine) onEnough() { m.walk.waiter = nil }

// onFound takes a node that the search has found. Only those with a record are given.
func (m *machine) onFound(now time.Time, c kad.Contact) {
	if c.Node.Record == nil {
		return
	}
	m.walk.OnFound(now, c)
	m.walk.hand(now)
}

// hand gives a node to the one who waits, if both are there.
func (w *walk) hand(now time.Time) {
	if w.waiter == nil {
		return
	}
	if c, ok := w.Take(now); ok {
		give := w.waiter
		w.waiter = nil
		give(c.Node)
	}
}

// stroll gives a node or looks for one. A lookup that has begun goes on to its end.
func (m *machine) stroll(now time.Time) {
	w := &m.walk
	w.hand(now)
	if w.waiter == nil || !w.WantLookup(now) {
		return
	}
	if m.table.Len() == 0 {
		m.act(now, m.table.WantRefresh(now))
	}
	looked := func(now time.Time, _ []kad.Contact) {
		w.OnLookup(now)
		m.stroll(now)
	}
	if !m.search.Begin(now, kad.Query{Target: kad.Target{ID: m.randomID()}, Done: looked}) {
		w.OnLookup(now)
	}
}

// deadline returns when stroll is due: the zero time if nobody waits, or answers do it.
func (w *walk) deadline() time.Time {
	if w.waiter == nil {
		return time.Time{}
	}
	return w.Iterator.Deadline()
}
