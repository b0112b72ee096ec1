// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"errors"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/event"
)

// Bounds that no block exceeds. The block number has 64 bits and the total difficulty
// 100 at most, or the message is not decoded at all.
const (
	maxDifficultyBits = 80
	maxExtra          = 100 << 10
)

var (
	errDifficulty = errors.New("difficulty has more than 80 bits")
	errExtra      = errors.New("extra data is larger than 100 KiB")
)

// onNewBlock takes a block that was sent whole, unasked. fits says whether its body is
// the one that its header names; it is called only for a block that is new. One that
// doesn't fit is ignored, as clients do: it may have been damaged on its way.
func (m *machine) onNewBlock(now time.Time, id peerID, h header, extra int, td *uint256.Int, fits func() bool) []action {
	p := m.byID[id]
	if p == nil {
		return nil
	}
	w := m.wants.byHash[h.Hash]
	known := m.tracker.Recent.Has(h.Hash)
	if (!known || w != nil) && !fits() {
		return nil
	}
	switch {
	case h.Difficulty.BitLen() > maxDifficultyBits:
		m.fault(p, errDifficulty)
		return m.finish(now)
	case extra > maxExtra:
		m.fault(p, errExtra)
		return m.finish(now)
	}
	m.gossipAt = now
	m.tracker.Claim(p.id, h.Ref())
	switch {
	case w != nil:
		m.wants.remove(w)
		m.out = append(m.out, action{block: &found{header: h, teller: w.teller, via: w.via}})
	case known:
	default:
		m.newBlock(p, &h, td)
	}
	return m.finish(now)
}

func (m *machine) newBlock(p *peer, h *header, td *uint256.Int) {
	teller, via := p.teller, event.ViaBroadcast
	if a := m.announcements.byHash[h.Hash]; a != nil {
		teller, via = a.teller, event.ViaAnnouncement
		m.honest(a, h)
	}
	if m.add(p, h, td) && m.near(h.Number) {
		m.out = append(m.out, action{block: &found{header: *h, teller: teller, via: via}})
	}
}
