// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/rlp"
)

// A toldBlock is a done block, with the time at which the last of it came.
type toldBlock struct {
	done
	at time.Time
}

// finish takes the blocks that are done, to be told by the next Tick: the head is worked out once
// for all letters before it.
func (m *machine) finish(at time.Time) {
	for _, d := range m.bodies.takeDone() {
		m.done = append(m.done, toldBlock{d, at})
	}
}

// tellHead lets the readers know the head if it is another one, and names it to the believer.
func (m *machine) tellHead(now time.Time) {
	h, changed := m.heads.Changed(now)
	if changed {
		m.window.Store(&window{number: h.Number, gasLimit: h.GasLimit})
	}
	if _, ok := m.heads.Head(); ok {
		m.believer.onHead(now, m.at, &h, changed, m.heads.By(h), m.rawHeader(h.Hash))
	}
}

// tellBlocks records the blocks that are done, with their body or without it, and hands on their
// transactions.
func (m *machine) tellBlocks() {
	for _, d := range m.done {
		e := event.Block{
			At: event.At{Time: d.at}, Source: d.source, Via: d.via,
			Number: d.Number, Hash: d.Hash, Parent: d.Parent,
		}
		if d.body != nil {
			e.Txs, e.Size = d.body.count, uint64(rlp.SizeList(d.Size+d.body.size))
		}
		m.record.Record(e)
		if d.body != nil && d.body.count > 0 {
			m.body(d.at, d.source, d.body.txs)
		}
	}
	clear(m.done)
	m.done = m.done[:0]
}

// How many forks one peer can have told: a block that contradicts one that was told costs it nothing to make
// where blocks are gossiped (devp2p/caps/eth.md#block-propagation). An honest chain has a few at a time.
const (
	maxForks  = 64
	forkEvery = 250 * time.Millisecond // for one more
)

// An allowance counts what is left of maxForks.
type allowance struct {
	used  int
	since time.Time // until when it has grown
}

// take takes one, and reports false if there is none left.
func (a *allowance) take(now time.Time) bool {
	if grown := int(now.Sub(a.since) / forkEvery); grown >= a.used {
		a.used, a.since = 0, now
	} else {
		a.used, a.since = a.used-grown, a.since.Add(time.Duration(grown)*forkEvery)
	}
	if a.used >= maxForks {
		return false
	}
	a.used++
	return true
}
