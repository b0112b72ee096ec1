// SPDX-License-Identifier: Apache-2.0

package v4

import (
	"time"

	"github.com/ethpeer/ethpeer/discover/v4wire"
)

// ask begins a question. Its done is called once, now or later.
func (m *machine) ask(now time.Time, q *question) {
	addr, ok := q.to.Addr()
	switch {
	case !ok:
		q.done(now, answer{err: ErrNoAddress})
		return
	case q.to.ID == m.self:
		q.done(now, answer{err: ErrSelf})
		return
	case m.questions.full(q.back):
		q.done(now, answer{err: ErrBusy})
		return
	}
	q.addr = addr
	if q.ask == v4wire.TypePing || !m.endpoints.mustPing(now, q.to.ID, addr.Addr()) {
		m.put(now, q)
		return
	}
	m.ask(now, &question{to: q.to, ask: v4wire.TypePing, done: func(now time.Time, a answer) {
		switch {
		case a.err != nil:
			q.done(now, a)
		case m.questions.full(false):
			q.done(now, answer{err: ErrBusy})
		case !m.endpoints.mustPing(now, q.to.ID, addr.Addr()): // it was quick
			m.put(now, q)
		default:
			q.waiting, q.deadline = true, now.Add(timeout)
			m.questions.add(q)
		}
	}})
}

// put sends a question.
func (m *machine) put(now time.Time, q *question) {
	q.waiting, q.deadline = false, now.Add(timeout)
	switch q.ask {
	case v4wire.TypePing:
		self := m.cfg.Self()
		n := self.Node()
		q.hash = m.send(q.addr, &v4wire.Ping{
			Version: v4wire.Version, From: v4wire.Endpoint{IP: n.IP, UDP: n.UDP, TCP: n.TCP},
			To: v4wire.EndpointOf(q.addr, 0), Expiration: m.expiration(now), ENRSeq: self.Seq(),
		})
	case v4wire.TypeFindnode:
		q.hash = m.send(q.addr, &v4wire.Findnode{Target: q.target, Expiration: m.expiration(now)})
	case v4wire.TypeENRRequest:
		q.hash = m.send(q.addr, &v4wire.ENRRequest{Expiration: m.expiration(now)})
	}
	m.questions.add(q)
}

// onTimeout ends a question, or sends it after its wait: a node that has our proof from an
// earlier time need not ping us.
func (m *machine) onTimeout(now time.Time, q *question) {
	switch {
	case q.waiting:
		m.put(now, q)
	case len(q.found) > 0:
		q.done(now, q.neighbors())
	default:
		m.endpoints.onSilence(q.to.ID, q.addr.Addr())
		q.done(now, answer{err: q.timedOut()})
	}
}
