// SPDX-License-Identifier: Apache-2.0

package v4

import (
	"errors"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/bounded"
)

const (
	maxRecords  = 4 << 10
	recordLife  = 10 * time.Minute // after which a node is asked for its record again
	fetchAtOnce = 16
	maxReady    = 32
	refreshGap  = 5 * time.Second // between two refreshes because the table is empty
)

// An iterator gives nodes to whoever waits in Next. Owner: the machine.
type iterator struct {
	*kad.Iterator
	records  *bounded.Map[enr.ID, found]
	fetching int
	ready    []enr.Node
	waiter   func(enr.Node) // nil = nobody waits
	refresh  time.Time      // no refresh for an empty table before
}

type found struct {
	record *enr.Record
	at     time.Time
}

func newIterator(now time.Time) iterator {
	return iterator{Iterator: kad.NewIterator(now), records: bounded.NewMap[enr.ID, found](maxRecords, bounded.DropOldest)}
}

// deadline returns when somebody who waits can be helped. While records are being got, that
// is not a matter of time: it is the zero time then.
func (it *iterator) deadline() time.Time {
	if it.waiter == nil || it.fetching > 0 {
		return time.Time{}
	}
	return it.Iterator.Deadline()
}

// onWait takes somebody who wants a node.
func (m *machine) onWait(now time.Time, give func(enr.Node)) {
	m.iterator.waiter = give
	m.advance(now)
}

// advance does what can be done for who waits: gives a node, gets records, looks for more.
func (m *machine) advance(now time.Time) {
	it := &m.iterator
	if it.waiter != nil && len(it.ready) > 0 {
		give, n := it.waiter, it.ready[0]
		it.waiter, it.ready = nil, it.ready[1:]
		give(n)
	}
	if it.waiter == nil {
		return
	}
	for it.fetching < fetchAtOnce && len(it.ready)+it.fetching < maxReady {
		c, ok := it.Take(now)
		if !ok {
			break
		}
		m.fetch(now, c)
	}
	if it.waiter == nil { // a record was at hand
		return
	}
	if it.fetching == 0 && it.WantLookup(now) {
		if m.table.Len() == 0 && !now.Before(it.refresh) {
			it.refresh = now.Add(refreshGap)
			m.act(now, m.table.WantRefresh(now))
		}
		looked := func(now time.Time, _ []kad.Contact) {
			it.OnLookup(now)
			m.advance(now)
		}
		if !m.search.Begin(now, kad.Query{Target: m.randomTarget(), Done: looked}) {
			it.OnLookup(now)
		}
	}
}

// fetch gets the record of a node that is to be given.
func (m *machine) fetch(now time.Time, c kad.Contact) {
	it := &m.iterator
	if known, ok := it.records.Get(c.ID); ok && fresh(now, known.at, recordLife) {
		m.onReady(known.record.Node())
		return
	}
	it.fetching++
	m.request(now, &request{to: c, kind: v4wire.TypeENRRequest, done: func(now time.Time, a response) {
		it.fetching--
		if a.err == nil {
			m.learn(now, a.record)
			m.onReady(a.record.Node())
		} else if errors.Is(a.err, ErrTimeout) && m.endpoints.answered(now, c.ID, c.Node.IP) {
			m.onReady(c.Node) // it is there, and has no record
		}
		m.advance(now)
	}})
}

func (m *machine) onReady(n enr.Node) {
	it := &m.iterator
	if give := it.waiter; give != nil && len(it.ready) == 0 {
		it.waiter = nil
		give(n)
		return
	}
	it.ready = append(it.ready, n)
}
