// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/event"
)

// onNewBlock takes a block that was sent whole, unasked, and whose body is the one that
// its header names.
func (m *machine) onNewBlock(now time.Time, id peerID, h header, td *uint256.Int) []action {
	p := m.byID[id]
	if p == nil {
		return nil
	}
	m.gossipAt = now
	switch w := m.wants.byHash[h.Hash]; {
	case w != nil:
		m.tracker.Told(p.id, h.Ref())
		m.bodyArrived(h.Hash, 0)
	case m.tracker.Recent.Has(h.Hash):
		m.tracker.Told(p.id, h.Ref())
	default:
		m.newBlock(p, &h, td)
	}
	return m.finish(now)
}

func (m *machine) newBlock(p *peer, h *header, td *uint256.Int) {
	tellers, teller, via := []*peer{p}, p.teller, event.ViaBroadcast
	if a := m.announcements.byHash[h.Hash]; a != nil {
		teller, via = a.teller, event.ViaAnnouncement
		tellers = append(tellers, m.honest(a, h)...)
	}
	if !m.add(p, h, td) {
		return
	}
	m.told(h, tellers)
	if m.near(h.Number) {
		m.out = append(m.out, action{block: &found{header: *h, teller: teller, via: via}})
	}
}
