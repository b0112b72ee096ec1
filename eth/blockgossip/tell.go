// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/rlp"
)

// tellHead records the head if it is another one.
func (m *machine) tellHead(at time.Time) {
	if h, changed := m.heads.Changed(); changed {
		m.record.Record(event.Head{
			At: event.At{Time: at}, Number: h.Number, Hash: h.Hash, By: m.heads.By(h), Supporters: h.Supporters,
		})
	}
}

// tellBlocks records the blocks that are complete, and those whose body no peer gives, and hands
// on their transactions.
func (m *machine) tellBlocks(at time.Time) {
	for _, d := range m.bodies.takeDone() {
		e := event.Block{
			At: event.At{Time: at}, Source: d.source, Via: d.via,
			Number: d.Number, Hash: d.Hash, Parent: d.Parent,
		}
		if d.body != nil {
			e.Txs, e.Size = d.body.count, uint64(rlp.SizeList(d.Size+d.body.size))
		}
		m.record.Record(e)
		if d.body != nil && d.body.count > 0 {
			m.body(at, d.source, d.body.txs)
		}
	}
}
