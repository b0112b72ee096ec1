// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"fmt"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// A headersQuery is a request for headers: by hash, one; by number, upwards.
type headersQuery struct {
	why    why
	hash   types.Hash
	number uint64 // where to begin, if not by hash
	amount uint64
}

// why says what a request for headers is for.
type why uint8

const (
	forLatest    why = iota // the block that the peer says is its latest
	forAnnounced            // a block that it announced by its hash
	forPoll                 // what comes after the head
	forBranch               // the same, from some blocks below the head
)

// byHash reports whether the query is for a hash.
func (q *headersQuery) byHash() bool { return q.why == forLatest || q.why == forAnnounced }

func (m *machine) ask(p *peer, q headersQuery) {
	p.asking = &q
	m.out = append(m.out, action{peer: p.id, headers: &q})
}

// askHeaders asks everyone who is idle for what is wanted of them: announced blocks
// first.
func (m *machine) askHeaders(now time.Time) {
	m.askAnnounced(now)
	m.choosePoll(now)
	for _, p := range m.peers {
		if m.tracker.Recent.Has(p.wantLatest) {
			p.wantLatest = types.Hash{}
		}
		switch {
		case !p.canAsk():
		case !p.wantLatest.IsZero():
			m.ask(p, headersQuery{why: forLatest, hash: p.wantLatest, amount: 1})
			p.wantLatest = types.Hash{}
		case p.wantPoll && !m.wants.crowded():
			p.wantPoll = false
			p.polledAt = now
			m.ask(p, headersQuery{why: forPoll, number: p.pollFrom, amount: pollAmount})
		}
	}
}

// onHeaders takes the answer to the request for headers that the peer has in flight.
func (m *machine) onHeaders(now time.Time, id peerID, hs []header) []action {
	p := m.byID[id]
	if p == nil || p.asking == nil {
		return nil
	}
	q := p.asking
	p.asking = nil
	switch {
	case !q.byHash():
		m.polled(p, q, hs)
	case len(hs) > 0 && hs[0].Hash != q.hash:
		m.strange(p, fmt.Errorf("asked for header %v, got %v", q.hash, hs[0].Hash))
		m.oneHeader(p, q, nil)
	case len(hs) > 0:
		m.oneHeader(p, q, &hs[0])
	default:
		m.oneHeader(p, q, nil)
	}
	return m.finish(now)
}

// onNoHeaders says that there will be no answer.
func (m *machine) onNoHeaders(now time.Time, id peerID) []action {
	p := m.byID[id]
	if p == nil || p.asking == nil {
		return nil
	}
	q := p.asking
	p.asking = nil
	if q.byHash() {
		m.oneHeader(p, q, nil)
	} else {
		p.misses++
	}
	return m.finish(now)
}

// onHeadersBusy says that the request cannot be sent now. It is put back.
func (m *machine) onHeadersBusy(now time.Time, id peerID) []action {
	p := m.byID[id]
	if p == nil || p.asking == nil {
		return nil
	}
	q := p.asking
	p.asking, p.restHeaders = nil, now.Add(restFor)
	switch q.why {
	case forLatest:
		p.wantLatest = q.hash
	case forAnnounced:
		if a := m.announcements.byHash[q.hash]; a != nil && a.asked == p {
			a.asked = nil
		}
	default:
		p.poll(q.number)
	}
	return m.finish(now)
}

func (m *machine) oneHeader(p *peer, q *headersQuery, h *header) {
	switch {
	case q.why == forAnnounced:
		m.announcedHeader(p, q, h)
	case h != nil:
		m.accept(p, h, p.teller, event.ViaRequest)
	}
}

// strange handles an answer that is not to the question. Without request IDs it may be
// to an earlier one that timed out.
func (m *machine) strange(p *peer, err error) {
	if p.exact {
		m.fault(p, err)
	}
}

// accept takes a header that somebody sent us and sees to its body, and to the blocks
// between it and the head. A header that contradicts its parent is its sender's fault.
func (m *machine) accept(p *peer, h *header, teller event.Source, via event.Via) bool {
	if m.tracker.Recent.Has(h.Hash) {
		m.wants.source(h.Hash, p)
		return true
	}
	if !m.add(p, h, p.claimedTD(h.Hash)) {
		return false
	}
	switch {
	case via == event.ViaRequest && !m.isNews(h):
	case h.Roots.Empty():
		m.out = append(m.out, action{block: &found{header: *h, teller: teller, via: via, body: emptyBody}})
	case !m.wants.add(&want{header: *h, teller: teller, via: via, sources: []*peer{p}}):
		m.losses.bodies++
		m.out = append(m.out, action{block: &found{header: *h, teller: teller, via: via, body: unknownBody}})
	}
	return true
}

// add puts a header among the recent ones and reports false if it cannot be true.
func (m *machine) add(p *peer, h *header, td *uint256.Int) bool {
	head, headed := m.tracker.Head()
	if headed && h.Number > head.Number+1 && h.Number-head.Number <= farJump && !m.tracker.Recent.Has(h.Parent) {
		p.poll(head.Number)
	}
	if err := m.tracker.Add(h.Link, td); err != nil {
		m.fault(p, err)
		return false
	}
	m.announcements.arrived(h.Hash)
	m.settle()
	return true
}

// isNews reports whether a block that we asked for is newer than we are.
func (m *machine) isNews(h *header) bool {
	_, headed := m.tracker.Head()
	return headed && h.Number > m.anchor
}

// claimedTD returns the total difficulty that the peer's Status claimed for the block.
func (p *peer) claimedTD(h types.Hash) *uint256.Int {
	if p.ranged || h != p.latest.Hash {
		return nil
	}
	return &p.td
}
