// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/enr"
)

// An iterator gives nodes to whoever waits in Next. It belongs to the machine.
type iterator struct {
	*kad.Iterator
	waiter func(enr.Node) // nil: nobody waits
}

// onWant gives a node to one who waits, when there is one.
func (m *machine) onWant(now time.Time, give func(enr.Node)) {
	m.iterator.waiter = give
	m.advance(now)
}

// onEnough says that nobody waits any longer.
func (m *machine) onEnough() { m.iterator.waiter = nil }

// onFound takes a node that the search has found. Only those with a record are given.
func (m *machine) onFound(now time.Time, c kad.Contact) {
	if c.Node.Record == nil {
		return
	}
	m.iterator.OnFound(now, c)
	m.iterator.hand(now)
}

// hand gives a node to the one who waits, if both are there.
func (it *iterator) hand(now time.Time) {
	if it.waiter == nil {
		return
	}
	if c, ok := it.Take(now); ok {
		give := it.waiter
		it.waiter = nil
		give(c.Node)
	}
}

// advance gives a node or looks for one. A lookup that has begun goes on to its end.
func (m *machine) advance(now time.Time) {
	it := &m.iterator
	it.hand(now)
	if it.waiter == nil || !it.WantLookup(now) {
		return
	}
	if m.table.Len() == 0 {
		m.act(now, m.table.WantRefresh(now))
	}
	looked := func(now time.Time, _ []kad.Contact) {
		it.OnLookup(now)
		m.advance(now)
	}
	if !m.search.Begin(now, kad.Query{Target: kad.Target{ID: m.randomID()}, Done: looked}) {
		it.OnLookup(now)
	}
}

// deadline returns when advance is due: the zero time if nobody waits, or answers do it.
func (it *iterator) deadline() time.Time {
	if it.waiter == nil {
		return time.Time{}
	}
	return it.Iterator.Deadline()
}
