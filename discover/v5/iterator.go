// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/enr"
)

// An iterator passes found nodes to the caller of Next. Owner: the machine.
type iterator struct {
	*kad.Iterator
	waiter func(enr.Node) // nil: Next is not called
}

// onWant starts a call of Next: give is called once, with the next node.
func (m *machine) onWant(now time.Time, give func(enr.Node)) {
	m.iterator.waiter = give
	m.advance(now)
}

// onEnough ends a call of Next.
func (m *machine) onEnough() { m.iterator.waiter = nil }

// onFound handles a node that the search has found. Nodes without a record are ignored.
func (m *machine) onFound(now time.Time, c kad.Contact) {
	if c.Node.Record == nil {
		return
	}
	m.iterator.OnFound(now, c)
	m.iterator.hand(now)
}

// hand gives a found node to the call of Next, if both exist.
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

// advance gives a node, or begins a lookup of a random target (devp2p/discv5/discv5-theory.md#lookup). A lookup continues to its
// end even if the call of Next ends.
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

// deadline returns when advance is due. It is the zero time if Next is not called, or if responses call advance.
func (it *iterator) deadline() time.Time {
	if it.waiter == nil {
		return time.Time{}
	}
	return it.Iterator.Deadline()
}
