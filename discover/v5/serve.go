// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"net/netip"

	"github.com/ethpeer/ethpeer/discover/v5wire"
	"github.com/ethpeer/ethpeer/enr"
)

// respond sends a response in the session of its request (devp2p/discv5/discv5-theory.md#sessions).
func (m *machine) respond(to netip.AddrPort, id enr.ID, message v5wire.Message) error {
	out, _, err := m.codec.AppendMessage(m.out[:0], id, to, message)
	if err == nil {
		m.write(to, out)
	}
	return err
}

// onPing sends a PONG with the endpoint that the PING came from
// (devp2p/discv5/discv5-wire.md#pong-response-0x02).
func (m *machine) onPing(from netip.AddrPort, id enr.ID, ping *v5wire.Ping) {
	m.pong = v5wire.Pong{ID: ping.ID, ENRSeq: m.record.Seq(), IP: from.Addr(), Port: from.Port()}
	_ = m.respond(from, id, &m.pong)
}

// onFindnode sends the local record for distance 0, and records of live nodes at the other
// distances (devp2p/discv5/discv5-wire.md#findnode-request-0x03).
func (m *machine) onFindnode(from netip.AddrPort, id enr.ID, find *v5wire.Findnode) {
	var space [v5wire.MaxRecords + 1]*enr.Record
	records := space[:0]
	dists := make([]uint, len(find.Distances))
	for i, d := range find.Distances {
		dists[i] = uint(d)
		if d == 0 && len(records) == 0 {
			records = append(records, m.record)
		}
	}
	for _, c := range m.table.AnswerAt(from.Addr(), dists) {
		if c.Node.Record != nil {
			records = append(records, c.Node.Record)
		}
	}
	for _, nodes := range v5wire.SplitNodes(find.ID, records) {
		_ = m.respond(from, id, nodes)
	}
}

// onTalkReq calls the protocol's handler and sends its response. The response is empty if the protocol has no handler, or
// if the handler's response does not fit into a datagram
// (devp2p/discv5/discv5-wire.md#talkresp-response-0x06).
func (m *machine) onTalkReq(from netip.AddrPort, id enr.ID, talk *v5wire.TalkReq) {
	m.talk = v5wire.TalkResp{ID: talk.ID}
	if handle := m.cfg.Talk[string(talk.Protocol)]; handle != nil {
		m.talk.Data = handle(id, from, talk.Data)
	}
	if m.respond(from, id, &m.talk) != nil {
		m.losses.talk++
		m.talk.Data = nil
		_ = m.respond(from, id, &m.talk)
	}
}
