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
	if q := m.requests.expected(from.Addr(), pong); q != nil {
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
		m.act(now, m.table.OnProven(now, c))
	} else if m.requests.find(id, from.Addr(), func(q *request) bool { return q.kind == v4wire.TypePing }) == nil {
		m.request(now, &request{to: c, kind: v4wire.TypePing, back: true, done: func(now time.Time, a response) {
			if a.err == nil {
				m.act(now, m.table.OnProven(now, c))
			}
		}})
	}
	if q := m.requests.find(id, from.Addr(), func(q *request) bool { return q.waiting }); q != nil {
		m.requests.remove(q)
		m.send(now, q) // it has our pong now, or has it before the question
	}
}

func (m *machine) pong(now time.Time, to netip.AddrPort, hash v4wire.Hash, p *v4wire.Ping) {
	m.write(to, &v4wire.Pong{
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
		m.write(from, &v4wire.Neighbors{Nodes: part, Expiration: m.expiration(now)})
	}
}

// onENRRequest likewise (EIP-868).
func (m *machine) onENRRequest(now time.Time, from netip.AddrPort, id enr.ID, hash v4wire.Hash) {
	if m.endpoints.proven(now, id, from.Addr()) {
		m.write(from, &v4wire.ENRResponse{RequestHash: hash, Record: m.cfg.Self().Raw()})
	}
}
