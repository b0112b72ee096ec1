// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v5wire"
	"github.com/ethpeer/ethpeer/enr"
)

// upkeep is the state of the table's maintenance. Owner: the machine.
type upkeep struct {
	held    []kad.Query // lookups that wait for the end of a refresh; at most maxHeld
	changed bool        // the table has changed since it was published
}

// act carries out actions of the table (devp2p/discv5/discv5-theory.md#node-table).
func (m *machine) act(now time.Time, actions []kad.Action) {
	for _, a := range actions {
		switch a.Kind {
		case kad.Check:
			m.check(now, a.Contact)
		case kad.Refresh:
			m.refresh(now)
		case kad.Store:
			m.cfg.Stored(now, a.Contact.Node)
		case kad.Added:
			m.upkeep.changed = true
			m.records.put(a.Contact)
		case kad.Removed:
			m.upkeep.changed = true
		}
	}
}

// check pings an entry, and requests its record if the PONG states a higher sequence number
// (devp2p/discv5/discv5-wire.md#pong-response-0x02).
func (m *machine) check(now time.Time, c kad.Contact) {
	ping := &v5wire.Ping{ID: m.newRequestID(), ENRSeq: m.record.Seq()}
	m.request(now, c, ping, func(now time.Time, r response) {
		m.upkeep.changed = true
		if r.err != nil {
			m.act(now, m.table.OnDead(now, c))
			return
		}
		m.act(now, m.table.OnAlive(now, c))
		if c.Node.Record == nil || c.Node.Record.Seq() < r.seq {
			m.requestRecord(now, c, m.request, func(time.Time, *enr.Record, error) {})
		}
	})
}

// refresh looks up the local ID and random targets, beginning with the bootnodes and the seeds
// (devp2p/discv5/discv5-theory.md#lookup).
func (m *machine) refresh(now time.Time) {
	known := slices.Concat(m.cfg.Bootnodes, m.cfg.Seeds(now))
	random := func() kad.Target { return kad.Target{ID: m.randomID()} }
	m.search.Refresh(now, known, kad.Target{ID: m.self}, random, m.onRefreshed)
}

func (m *machine) onRefreshed(now time.Time) {
	held := m.upkeep.held
	m.upkeep.held = nil
	for _, q := range held {
		if !m.search.Begin(now, q) {
			q.Done(now, nil) // the refresh found no node
		}
	}
}
