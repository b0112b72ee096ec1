// SPDX-License-Identifier: Apache-2.0

package v4

import (
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/keccak"
)

// onExpired takes a packet that is no longer valid by our clock. It is dropped (devp2p/discv4.md#wire-protocol), but a Pong that
// names a ping which still waits says that one of the two clocks is off.
func (m *machine) onExpired(now time.Time, from netip.AddrPort, msg v4wire.Message) {
	pong, ok := msg.(*v4wire.Pong)
	if !ok {
		return
	}
	if q := m.questions.expected(from.Addr(), pong); q != nil {
		q.ahead, _ = ahead(now, pong.Expiration)
		m.compareClocks(now, from.Addr(), pong.Expiration)
	}
}

// compareClocks tells how far our clock is ahead of a node's that has just sent a packet which is valid until then.
func (m *machine) compareClocks(now time.Time, by netip.Addr, until int64) {
	if d, ok := ahead(now, until); ok && m.cfg.Clock != nil {
		m.cfg.Clock(now, by, d)
	}
}

// ahead returns how far our clock is ahead of a node's, by the time until which its packet is valid, if that can be a time.
func ahead(now time.Time, until int64) (d time.Duration, ok bool) {
	const far = 1 << 32 // seconds; beyond that nothing can be told
	if until <= 0 || until >= far {
		return 0, false
	}
	return time.Duration(now.Unix()-until)*time.Second + maxExpiration, true
}

func (m *machine) expiration(now time.Time) int64 { return now.Add(maxExpiration).Unix() }

// onPing answers, always, and pings back who has not proven its endpoint
// (devp2p/discv4.md#ping-packet-0x01). What a ping says of endpoints is not believed, except
// for the TCP port, which costs nobody but its own node.
func (m *machine) onPing(now time.Time, from netip.AddrPort, id enr.ID, key ecc.PublicKey, hash v4wire.Hash, p *v4wire.Ping) {
	m.pong(now, from, hash, p)
	m.compareClocks(now, from.Addr(), p.Expiration)
	m.endpoints.onPing(now, id, from.Addr())
	c := kad.Contact{ID: id, Node: enr.Node{Key: key, IP: from.Addr(), UDP: from.Port(), TCP: p.From.TCP}}
	if known, ok := m.table.Get(id); ok && sameAddr(&known, from) {
		c = known // with what else is known of it, such as its record
	}
	if m.endpoints.proven(now, id, from.Addr()) {
		m.do(now, m.table.OnProven(now, c))
	} else if m.questions.find(id, from.Addr(), func(q *question) bool { return q.ask == v4wire.TypePing }) == nil {
		m.ask(now, &question{to: c, ask: v4wire.TypePing, back: true, done: func(now time.Time, a answer) {
			if a.err == nil {
				m.do(now, m.table.OnProven(now, c))
			}
		}})
	}
	if q := m.questions.find(id, from.Addr(), func(q *question) bool { return q.waiting }); q != nil {
		m.questions.remove(q)
		m.put(now, q) // it has our pong now, or has it before the question
	}
}

func (m *machine) pong(now time.Time, to netip.AddrPort, hash v4wire.Hash, p *v4wire.Ping) {
	m.send(to, &v4wire.Pong{
		To: v4wire.EndpointOf(to, p.From.TCP), PingHash: hash, Expiration: m.expiration(now), ENRSeq: m.cfg.Self().Seq(),
	})
}

func sameAddr(c *kad.Contact, addr netip.AddrPort) bool {
	at, ok := c.Addr()
	return ok && at == addr
}

// onFindnode answers who has proven its endpoint: the answer is larger than the question
// (devp2p/discv4.md#findnode-packet-0x03).
func (m *machine) onFindnode(now time.Time, from netip.AddrPort, id enr.ID, f *v4wire.Findnode) {
	if m.endpoints.proven(now, id, from.Addr()) {
		m.neighbors(now, from, f)
	}
}

func (m *machine) neighbors(now time.Time, from netip.AddrPort, f *v4wire.Findnode) {
	near := m.table.Answer(from.Addr(), enr.ID(keccak.Sum256(f.Target[:])))
	nodes := make([]v4wire.Node, len(near))
	for i := range near {
		nodes[i] = v4wire.NodeOf(near[i].Node)
	}
	for part := range v4wire.Split(nodes) {
		m.send(from, &v4wire.Neighbors{Nodes: part, Expiration: m.expiration(now)})
	}
}

// onENRRequest likewise (EIP-868).
func (m *machine) onENRRequest(now time.Time, from netip.AddrPort, id enr.ID, hash v4wire.Hash) {
	if m.endpoints.proven(now, id, from.Addr()) {
		m.send(from, &v4wire.ENRResponse{RequestHash: hash, Record: m.cfg.Self().Raw()})
	}
}

// onAnswer takes what answers a question, if it comes from who was asked.
func (m *machine) onAnswer(now time.Time, from netip.AddrPort, id enr.ID, msg v4wire.Message) {
	q := m.questions.find(id, from.Addr(), func(q *question) bool { return q.answeredBy(msg) })
	if q == nil {
		return
	}
	switch msg := msg.(type) {
	case *v4wire.Pong:
		m.questions.remove(q)
		m.compareClocks(now, from.Addr(), msg.Expiration)
		m.endpoints.onPong(now, id, from)
		if m.cfg.Stated != nil {
			m.cfg.Stated(now, from.Addr(), msg.To.UDPAddr())
		}
		q.done(now, answer{seq: msg.ENRSeq})
	case *v4wire.Neighbors:
		m.endpoints.onAnswer(id, from.Addr())
		q.found = append(q.found, msg.Nodes...)
		if len(q.found) >= maxFound {
			m.questions.remove(q)
			q.done(now, q.neighbors())
		}
	case *v4wire.ENRResponse:
		m.questions.remove(q)
		q.done(now, q.recordIn(msg))
	}
}

// neighbors is what a Findnode has brought. An invalid one counts among the 16.
func (q *question) neighbors() (a answer) {
	for _, n := range q.found[:min(len(q.found), maxFound)] {
		if node, err := n.Node(); err == nil {
			a.found = append(a.found, kad.NewContact(node))
		}
	}
	return a
}

// recordIn checks a record: it must be that of the node, and its address one that this node
// may tell us of.
func (q *question) recordIn(msg *v4wire.ENRResponse) answer {
	r, err := enr.Decode(msg.Record) // makes a copy
	if err != nil || r.ID() != q.to.ID {
		return answer{err: ErrRecord}
	}
	if n := r.Node(); n.IP.IsValid() && kad.CheckRelay(q.addr.Addr(), n.IP) != nil {
		return answer{err: ErrRecord}
	}
	return answer{record: r}
}
