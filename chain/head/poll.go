// SPDX-License-Identifier: Apache-2.0

package head

import (
	"errors"
	"fmt"
	"time"

	"github.com/ethpeer/ethpeer/chain"
)

// polled takes the answer to a poll.
func (m *Peers[P]) polled(now time.Time, p *peer[P], q *request, hs []chain.Link) ([]chain.Link, error) {
	if len(hs) == 0 { // the peer is behind
		p.wait(now, true)
		return nil, nil
	}
	for i := range hs {
		if want := q.number + uint64(i); hs[i].Number != want {
			p.wait(now, true)
			return nil, m.unexpectedReply(p, fmt.Errorf("asked for header %d, got %d", want, hs[i].Number))
		}
	}
	if !q.branch && q.number > 0 && !m.Has(hs[0].Hash) && !m.Has(hs[0].Parent) {
		p.wantBranch(q.number - min(q.number, stepBack))
		return nil, nil
	}
	return m.take(now, p, q, linked(hs))
}

// Late takes the answer to a request that came after NoHeaders: what it holds is as good as if it had come
// in time. It returns what Headers returns.
func (m *Peers[P]) Late(now time.Time, a Ask[P], hs []chain.Link) (news []chain.Link, err error) {
	p := m.byID[a.Peer]
	if p == nil || len(hs) == 0 {
		return nil, nil
	}
	for i := range hs {
		if a.Hash.IsZero() && hs[i].Number != a.Number+uint64(i) || !a.Hash.IsZero() && hs[0].Hash != a.Hash {
			return nil, m.unexpectedReply(p, fmt.Errorf("late reply holds header %d, %v", hs[i].Number, hs[i].Hash))
		}
	}
	hs = linked(hs)
	news, err = m.accept(now, p, hs)
	if err == nil {
		m.tracker.Told(p.id, hs[len(hs)-1].Ref())
		p.pollSoon(now)
	}
	return news, err
}

// wantBranch has the peer asked from some blocks below the head, at once.
func (p *peer[P]) wantBranch(from uint64) {
	p.branch = &request{number: from, amount: pollAmount, branch: true}
}

// take accepts what a peer has from a number on, and notes the last as its latest.
func (m *Peers[P]) take(now time.Time, p *peer[P], q *request, hs []chain.Link) ([]chain.Link, error) {
	last := hs[len(hs)-1].Ref()
	full := uint64(len(hs)) >= q.amount
	said, _ := m.tracker.Said(p.id)
	if !full || said.Number < last.Number {
		m.tracker.Latest(p.id, last)
	}
	if p.pollFrom >= q.number && (full || said.Number <= last.Number) {
		p.wantPoll = false // the answer says what the peer was to be asked next
	}
	if m.Has(last.Hash) {
		p.wait(now, false)
	} else {
		p.behind, p.every, p.pollAt = false, pollEvery, now.Add(pollEvery)
	}
	news, err := m.accept(now, p, hs)
	if err == nil && full {
		p.poll(last.Number)
	}
	return news, err
}

// accept takes headers that a peer was asked for, up to the first that cannot be held, and returns
// the new ones: those not far above the head and above startHead, and those that follow a block that was
// told, whatever the head is. A header that contradicts its parent is the peer's fault; one from
// the future may be our clock's.
func (m *Peers[P]) accept(now time.Time, p *peer[P], hs []chain.Link) (news []chain.Link, err error) {
	for i := range hs {
		if m.Has(hs[i].Hash) {
			continue
		}
		if err := m.add(now, p, &hs[i], false); err != nil {
			if errors.Is(err, chain.ErrFuture) || errors.Is(err, chain.ErrPace) {
				err = nil
			}
			return news, err
		}
		head, ok := m.tracker.Head()
		if ok && hs[i].Number > m.startHead && hs[i].Number <= head.Number+Depth || m.tracker.Recent.followsTold(&hs[i]) {
			m.MarkTold(hs[i].Hash)
			news = append(news, hs[i])
		}
	}
	return news, nil
}

// linked returns the headers up to the first that does not follow from the one before: the
// peer's chain may have changed while it answered.
func linked(hs []chain.Link) []chain.Link {
	for i := 1; i < len(hs); i++ {
		if chain.CheckLink(&hs[i-1], &hs[i]) != nil {
			return hs[:i]
		}
	}
	return hs
}
