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

// onExpired drops a packet that has expired by the local clock (devp2p/discv4.md#wire-protocol). A Pong for a pending Ping shows
// that one of the two clocks is wrong, so their difference is recorded.
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

// compareClocks passes Config.Clock how far the local clock is ahead of the node's, by the expiration of its packet.
func (m *machine) compareClocks(now time.Time, by netip.Addr, until int64) {
	if d, ok := ahead(now, until); ok && m.cfg.Clock != nil {
		m.cfg.Clock(now, by, d)
	}
}

// ahead returns how far the local clock is ahead of the node's, by the expiration of its packet. It returns false if until is no
// plausible time.
func ahead(now time.Time, until int64) (d time.Duration, ok bool) {
	const far = 1 << 32 // seconds; a later expiration says nothing about a clock
	if until <= 0 || until >= far {
		return 0, false
	}
	return time.Duration(now.Unix()-until)*time.Second + maxExpiration, true
}

func (m *machine) expiration(now time.Time) int64 { return now.Add(maxExpiration).Unix() }

// onPing always sends a Pong, and pings a node that has not proven its endpoint
// (devp2p/discv4.md#ping-packet-0x01). The endpoints in a Ping are ignored, except
// for the TCP port: a wrong one harms only its own node.
func (m *machine) onPing(now time.Time, from netip.AddrPort, id enr.ID, key ecc.PublicKey, hash v4wire.Hash, p *v4wire.Ping) {
	m.pong(now, from, hash, p)
	m.compareClocks(now, from.Addr(), p.Expiration)
	m.endpoints.onPing(now, id, from.Addr())
	c := kad.Contact{ID: id, Node: enr.Node{Key: key, IP: from.Addr(), UDP: from.Port(), TCP: p.From.TCP}}
	if known, ok := m.table.Get(id); ok && sameAddr(&known, from) {
		c = known // the entry of the table has more, such as the record
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
		m.send(now, q) // our pong arrives before the request
	}
}

// pong sends the Pong for a Ping (devp2p/discv4.md#pong-packet-0x02).
func (m *machine) pong(now time.Time, to netip.AddrPort, hash v4wire.Hash, p *v4wire.Ping) {
	m.write(to, &v4wire.Pong{
		To: v4wire.EndpointOf(to, p.From.TCP), PingHash: hash, Expiration: m.expiration(now), ENRSeq: m.cfg.Self().Seq(),
	})
}

func sameAddr(c *kad.Contact, addr netip.AddrPort) bool {
	at, ok := c.Addr()
	return ok && at == addr
}

// onFindnode responds only to a proven endpoint, because Neighbors is larger than Findnode
// (devp2p/discv4.md#findnode-packet-0x03).
func (m *machine) onFindnode(now time.Time, from netip.AddrPort, id enr.ID, f *v4wire.Findnode) {
	if m.endpoints.proven(now, id, from.Addr()) {
		m.relay(now, from, f)
	}
}

// relay sends the nodes nearest to a target, in as many packets as needed
// (devp2p/discv4.md#neighbors-packet-0x04).
func (m *machine) relay(now time.Time, from netip.AddrPort, f *v4wire.Findnode) {
	near := m.table.Answer(from.Addr(), enr.ID(keccak.Sum256(f.Target[:])))
	nodes := make([]v4wire.Node, len(near))
	for i := range near {
		nodes[i] = v4wire.NodeOf(near[i].Node)
	}
	for part := range v4wire.Split(nodes) {
		m.write(from, &v4wire.Neighbors{Nodes: part, Expiration: m.expiration(now)})
	}
}

// onENRRequest sends the local record to a proven endpoint (devp2p/discv4.md#enrrequest-packet-0x05, EIP-868).
func (m *machine) onENRRequest(now time.Time, from netip.AddrPort, id enr.ID, hash v4wire.Hash) {
	if m.endpoints.proven(now, id, from.Addr()) {
		m.write(from, &v4wire.ENRResponse{RequestHash: hash, Record: m.cfg.Self().Raw()})
	}
}
