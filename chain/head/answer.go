// SPDX-License-Identifier: Apache-2.0

package head

import (
	"fmt"
	"time"

	"github.com/ethpeer/ethpeer/chain"
)

// Headers takes the answer to the request that the peer was asked, which may be empty. It returns
// those that are new blocks on top of what was there before us. The error is the peer's fault.
func (m *Peers[P]) Headers(now time.Time, id P, hs []chain.Link) (news []chain.Link, err error) {
	p := m.byID[id]
	if p == nil || p.asking == nil {
		return nil, nil
	}
	q := p.asking
	p.asking = nil
	switch {
	case q.hash.IsZero():
		return m.polled(now, p, q, hs)
	case len(hs) == 0:
		m.tracker.Withdraw(p.id, q.hash)
		return nil, nil
	case hs[0].Hash != q.hash:
		m.tracker.Withdraw(p.id, q.hash)
		return nil, m.unexpectedReply(p, fmt.Errorf("asked for header %v, got %v", q.hash, hs[0].Hash))
	}
	return m.accept(now, p, hs[:1])
}

// NoHeaders says that the request that the peer was asked stays unanswered.
func (m *Peers[P]) NoHeaders(now time.Time, id P) {
	p := m.byID[id]
	if p == nil || p.asking == nil {
		return
	}
	q := p.asking
	p.asking = nil
	if q.hash.IsZero() {
		p.wait(now, true)
	} else {
		m.tracker.Withdraw(p.id, q.hash)
	}
}

// Busy says that the request cannot be put to the peer now. It is put later.
func (m *Peers[P]) Busy(now time.Time, id P) {
	p := m.byID[id]
	if p == nil || p.asking == nil {
		return
	}
	q := p.asking
	p.asking, p.ready = nil, now.Add(cooldown)
	if q.hash.IsZero() {
		p.poll(q.number)
	} else if p.wantLatest.IsZero() {
		p.wantLatest = q.hash
	}
}

// unexpectedReply handles an answer that is not to the request
// (devp2p/caps/eth.md#blockheaders-0x04). Without request IDs it may be to an earlier one that
// timed out: it is counted and skipped.
func (m *Peers[P]) unexpectedReply(p *peer[P], err error) error {
	if p.HasRequestIDs {
		return err
	}
	m.losses.Unexpected++
	return nil
}
