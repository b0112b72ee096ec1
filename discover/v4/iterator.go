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
	recordLife  = 10 * time.Minute // after which a record is requested again
	fetchAtOnce = 16
	maxReady    = 32
	refreshGap  = 5 * time.Second // between two refreshes of an empty table
)

// An iterator passes found nodes to the caller of Next. Owner: the machine.
type iterator struct {
	*kad.Iterator
	nodes    *bounded.Map[enr.ID, foundNode] // with their records
	fetching int
	ready    []enr.Node
	waiter   func(enr.Node) // nil = Next is not called
	refresh  time.Time      // earliest next refresh of an empty table
}

type foundNode struct {
	node enr.Node
	at   time.Time
}

func newIterator(now time.Time) iterator {
	return iterator{Iterator: kad.NewIterator(now), nodes: bounded.NewMap[enr.ID, foundNode](maxRecords, bounded.DropOldest)}
}

// deadline returns when advance is due. It is the zero time if Next is not called, or if responses to pending requests
// for records call advance.
func (it *iterator) deadline() time.Time {
	if it.waiter == nil || it.fetching > 0 {
		return time.Time{}
	}
	return it.Iterator.Deadline()
}

// onWait starts a call of Next: give is called once, with the next node.
func (m *machine) onWait(now time.Time, give func(enr.Node)) {
	m.iterator.waiter = give
	m.advance(now)
}

// advance serves the call of Next: it gives a ready node, requests records of found nodes
// (devp2p/discv4.md#enrrequest-packet-0x05), or begins a lookup of a random target (devp2p/discv4.md#recursive-lookup).
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
	if it.waiter == nil { // fetch had a record and gave the node
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

// fetch requests the record of a found node, unless a recent one is known. A node that does not respond
// to ENRRequest, but has sent a pong, is ready without a record (EIP-868).
func (m *machine) fetch(now time.Time, c kad.Contact) {
	it := &m.iterator
	if known, ok := it.nodes.Get(c.ID); ok && fresh(now, known.at, recordLife) {
		m.onReady(known.node)
		return
	}
	it.fetching++
	m.request(now, &request{to: c, kind: v4wire.TypeENRRequest, done: func(now time.Time, a response) {
		it.fetching--
		if a.err == nil {
			m.onReady(m.learn(now, c.Node, a.record))
		} else if errors.Is(a.err, ErrTimeout) && m.endpoints.answered(now, c.ID, c.Node.IP) {
			m.onReady(c.Node) // alive, without a record
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
