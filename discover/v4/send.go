// SPDX-License-Identifier: Apache-2.0

package v4

import (
	"time"

	"github.com/ethpeer/ethpeer/discover/v4wire"
)

// request begins a request, with a ping before it if the node has no proof of our endpoint
// (devp2p/discv4.md#endpoint-proof). Its done is called once, now or later.
func (m *machine) request(now time.Time, q *request) {
	addr, ok := q.to.Addr()
	switch {
	case !ok:
		q.done(now, response{err: ErrNoAddress})
		return
	case q.to.ID == m.self:
		q.done(now, response{err: ErrSelf})
		return
	case m.requests.full(q.back):
		q.done(now, response{err: ErrBusy})
		return
	}
	q.addr = addr
	if q.kind == v4wire.TypePing || !m.endpoints.mustPing(now, q.to.ID, addr.Addr()) {
		m.send(now, q)
		return
	}
	m.request(now, &request{to: q.to, kind: v4wire.TypePing, done: func(now time.Time, a response) {
		switch {
		case a.err != nil:
			q.done(now, a)
		case m.requests.full(false):
			q.done(now, response{err: ErrBusy})
		case !m.endpoints.mustPing(now, q.to.ID, addr.Addr()): // its ping has arrived already
			m.send(now, q)
		default:
			q.waiting, q.deadline = true, now.Add(timeout)
			m.requests.add(q)
		}
	}})
}

// send writes the packet of a request and adds it to the pending ones.
func (m *machine) send(now time.Time, q *request) {
	q.waiting, q.deadline = false, now.Add(timeout)
	switch q.kind {
	case v4wire.TypePing:
		self := m.cfg.Self()
		n := self.Node()
		q.hash = m.write(q.addr, &v4wire.Ping{
			Version: v4wire.Version, From: v4wire.Endpoint{IP: n.IP, UDP: n.UDP, TCP: n.TCP},
			To: v4wire.EndpointOf(q.addr, 0), Expiration: m.expiration(now), ENRSeq: self.Seq(),
		})
	case v4wire.TypeFindnode:
		q.hash = m.write(q.addr, &v4wire.Findnode{Target: q.target, Expiration: m.expiration(now)})
	case v4wire.TypeENRRequest:
		q.hash = m.write(q.addr, &v4wire.ENRRequest{Expiration: m.expiration(now)})
	}
	m.requests.add(q)
}

// onTimeout ends a request, or sends one that waited for the node's ping: a node with an earlier proof of our
// endpoint sends no ping.
func (m *machine) onTimeout(now time.Time, q *request) {
	switch {
	case q.waiting:
		m.send(now, q)
	case len(q.found) > 0:
		q.done(now, m.neighbors(q))
	default:
		m.endpoints.onTimeout(q.to.ID, q.addr.Addr())
		q.done(now, response{err: q.timedOut()})
	}
}
