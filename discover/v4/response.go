// SPDX-License-Identifier: Apache-2.0

package v4

import (
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/enr"
)

// onResponse handles a response if a request to its signer at that IP address is pending.
func (m *machine) onResponse(now time.Time, from netip.AddrPort, id enr.ID, msg v4wire.Message) {
	q := m.requests.find(id, from.Addr(), func(q *request) bool { return q.answeredBy(msg) })
	if q == nil {
		return
	}
	switch msg := msg.(type) {
	case *v4wire.Pong:
		m.requests.remove(q)
		m.compareClocks(now, from.Addr(), msg.Expiration)
		m.endpoints.onPong(now, id, from)
		if m.cfg.Stated != nil {
			m.cfg.Stated(now, from.Addr(), msg.To.UDPAddr())
		}
		q.done(now, response{seq: msg.ENRSeq})
	case *v4wire.Neighbors:
		m.endpoints.onResponse(id, from.Addr())
		q.found = append(q.found, msg.Nodes...)
		if len(q.found) >= maxFound {
			m.requests.remove(q)
			q.done(now, m.neighbors(q))
		}
	case *v4wire.ENRResponse:
		m.requests.remove(q)
		q.done(now, q.recordIn(msg))
	}
}

// neighbors returns the nodes that a Findnode has brought (devp2p/discv4.md#neighbors-packet-0x04), without those that are invalid
// or that the responder may not relay (kad.Rules). These count among the 16.
func (m *machine) neighbors(q *request) (a response) {
	for _, n := range q.found[:min(len(q.found), maxFound)] {
		if node, err := n.Node(); err == nil && m.rules.Check(q.addr.Addr(), node) == nil {
			a.found = append(a.found, kad.NewContact(node))
		}
	}
	return a
}

// recordIn checks an ENRResponse (devp2p/discv4.md#enrresponse-packet-0x06): the record must be the node's own.
func (q *request) recordIn(msg *v4wire.ENRResponse) response {
	r, err := enr.Decode(msg.Record) // makes a copy
	if err != nil || r.ID() != q.to.ID {
		return response{err: ErrRecord}
	}
	return response{record: r}
}
