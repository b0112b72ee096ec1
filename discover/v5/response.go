// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"net/netip"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v5wire"
	"github.com/ethpeer/ethpeer/enr"
)

// A gathering is the result of a Findnode so far. At most v5wire.MaxParts Nodes are
// read, with at most v5wire.MaxRecords records in all; the rest is ignored (devp2p/discv5/discv5-wire.md#nodes-response-0x04).
type gathering struct {
	parts, expected int
	records         int // read
	found           []kad.Contact
}

// onResponse handles a response. It is ignored unless node ID, address, request ID and kind match the pending request
// (devp2p/discv5/discv5-wire.md#protocol-messages).
func (m *machine) onResponse(now time.Time, from netip.AddrPort, id enr.ID, message v5wire.Message) {
	c := m.requests.underWay(id)
	if c == nil || c.addr != from || c.message.RequestID() != message.RequestID() ||
		c.message.Kind()+1 != message.Kind() {
		return
	}
	switch message := message.(type) {
	case *v5wire.Pong:
		m.cfg.Alive(now, c.to.Node)
		if message.IP.IsValid() {
			m.cfg.Stated(now, from.Addr(), netip.AddrPortFrom(message.IP, message.Port))
		}
		m.end(now, c, response{seq: message.ENRSeq})
	case *v5wire.TalkResp:
		m.cfg.Alive(now, c.to.Node)
		m.end(now, c, response{data: message.Data})
	case *v5wire.Nodes:
		m.onNodes(now, c, message)
	}
}

func (m *machine) onNodes(now time.Time, c *request, message *v5wire.Nodes) {
	g := &c.nodes
	if g.parts == 0 {
		g.expected = min(max(int(message.Total), 1), v5wire.MaxParts)
	}
	g.parts++
	m.losses.records += uint64(message.Skipped)
	for _, raw := range message.Records {
		if g.records == v5wire.MaxRecords {
			m.losses.records++
			continue
		}
		g.records++
		if !m.gather(c, raw) {
			m.losses.records++
		}
	}
	if g.parts >= g.expected || g.records == v5wire.MaxRecords {
		m.onAllNodes(now, c)
		return
	}
	m.requests.rearm(now, c)
}

// gather adds a record to the result and reports true if it is valid, its distance from the responder was requested, and the result
// has no record of its node yet (devp2p/discv5/discv5-wire.md#nodes-response-0x04).
func (m *machine) gather(c *request, raw []byte) bool {
	told, err := m.records.decode(raw)
	if err != nil {
		return false
	}
	dist := uint16(kad.LogDist(c.to.ID, told.ID))
	if !slices.Contains(c.message.(*v5wire.Findnode).Distances, dist) {
		return false
	}
	if slices.ContainsFunc(c.nodes.found, func(has kad.Contact) bool { return has.ID == told.ID }) {
		return false
	}
	c.nodes.found = append(c.nodes.found, told)
	return true
}

// onAllNodes ends a Findnode with the nodes gathered so far.
func (m *machine) onAllNodes(now time.Time, c *request) {
	m.cfg.Alive(now, c.to.Node)
	m.end(now, c, response{found: c.nodes.found})
}

// findnode sends a caller's FINDNODE.
func (m *machine) findnode(now time.Time, to kad.Contact, dists []uint16, done func(time.Time, response)) {
	m.requestExternal(now, to, &v5wire.Findnode{ID: m.newRequestID(), Distances: dists}, func(now time.Time, r response) {
		own, told := split(r.found, to.ID)
		for i := range own {
			own[i].Node = kad.Reached(to.Node, own[i].Node.Record)
		}
		r.found = own
		if len(told) > 0 {
			r.found = append(own, m.onNeighbors(now, to, told)...)
		}
		done(now, r)
	})
}

// onNeighbors returns the nodes that the responder may relay, and offers them to the
// table.
func (m *machine) onNeighbors(now time.Time, from kad.Contact, told []kad.Contact) []kad.Contact {
	good, actions := m.table.OnNeighbors(now, from, told)
	m.act(now, actions)
	return good
}

// split separates the node with an ID from the others.
func split(cs []kad.Contact, id enr.ID) (own, others []kad.Contact) {
	for _, c := range cs {
		if c.ID == id {
			own = append(own, c)
		} else {
			others = append(others, c)
		}
	}
	return own, others
}

// A requester is request or requestExternal.
type requester func(now time.Time, to kad.Contact, message v5wire.Message, done func(time.Time, response))

// requestRecord requests the node's own record: FINDNODE at distance 0.
func (m *machine) requestRecord(now time.Time, of kad.Contact, ask requester, done func(time.Time, *enr.Record, error)) {
	ask(now, of, &v5wire.Findnode{ID: m.newRequestID(), Distances: []uint16{0}}, func(now time.Time, r response) {
		switch {
		case r.err != nil:
			done(now, nil, r.err)
		case len(r.found) == 0:
			done(now, nil, ErrRecord)
		default:
			m.onRecord(now, of, r.found[0])
			done(now, r.found[0].Node.Record, nil)
		}
	})
}

// onRecord offers a node to the table, with the record that it sent itself.
func (m *machine) onRecord(now time.Time, of, is kad.Contact) {
	if m.rules.Check(of.Node.IP, is.Node) == nil {
		m.act(now, m.table.OnProven(now, is))
	}
}
