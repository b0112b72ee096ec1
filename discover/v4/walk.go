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

// A walk gives nodes to whoever waits in Next. Owner: the machine.
type walk struct {
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

func newWalk(now time.Time) walk {
	return walk{Iterator: kad.NewIterator(now), records: bounded.NewMap[enr.ID, found](maxRecords, bounded.DropOldest)}
}

// deadline returns when somebody who waits can be helped. While records are being got, that
// is not a matter of time: it is the zero time then.
func (w *walk) deadline() time.Time {
	if w.waiter == nil || w.fetching > 0 {
		return time.Time{}
	}
	return w.Iterator.Deadline()
}

// onWait takes somebody who wants a node.
func (m *machine) onWait(now time.Time, give func(enr.Node)) {
	m.walk.waiter = give
	m.stroll(now)
}

// stroll does what can be done for who waits: gives a node, gets records, looks for more.
func (m *machine) stroll(now time.Time) {
	w := &m.walk
	if w.waiter != nil && len(w.ready) > 0 {
		give, n := w.waiter, w.ready[0]
		w.waiter, w.ready = nil, w.ready[1:]
		give(n)
	}
	if w.waiter == nil {
		return
	}
	for w.fetching < fetchAtOnce && len(w.ready)+w.fetching < maxReady {
		c, ok := w.Take(now)
		if !ok {
			break
		}
		m.fetch(now, c)
	}
	if w.waiter == nil { // a record was at hand
		return
	}
	if w.fetching == 0 && w.WantLookup(now) {
		if m.table.Len() == 0 && !now.Before(w.refresh) {
			w.refresh = now.Add(refreshGap)
			m.do(now, m.table.WantRefresh(now))
		}
		looked := func(now time.Time, _ []kad.Contact) {
			w.OnLookup(now)
			m.stroll(now)
		}
		if !m.search.Begin(now, kad.Query{Target: m.randomTarget(), Done: looked}) {
			w.OnLookup(now)
		}
	}
}

// fetch gets the record of a node that is to be given.
func (m *machine) fetch(now time.Time, c kad.Contact) {
	w := &m.walk
	if known, ok := w.records.Get(c.ID); ok && fresh(now, known.at, recordLife) {
		m.onReady(known.record.Node())
		return
	}
	w.fetching++
	m.ask(now, &question{to: c, ask: v4wire.TypeENRRequest, done: func(now time.Time, a answer) {
		w.fetching--
		if a.err == nil {
			m.learn(now, a.record)
			m.onReady(a.record.Node())
		} else if errors.Is(a.err, ErrTimeout) && m.endpoints.answered(now, c.ID, c.Node.IP) {
			m.onReady(c.Node) // it is there, and has no record
		}
		m.stroll(now)
	}})
}

func (m *machine) onReady(n enr.Node) {
	w := &m.walk
	if give := w.waiter; give != nil && len(w.ready) == 0 {
		w.waiter = nil
		give(n)
		return
	}
	w.ready = append(w.ready, n)
}
