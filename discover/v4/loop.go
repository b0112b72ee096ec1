// SPDX-License-Identifier: Apache-2.0

// in: datagrams, requests of the caller, time · out: datagrams · one goroutine, one timer

package v4

import (
	"context"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/bounded"
)

const (
	maxInbox    = 256
	reportEvery = time.Second // the table is published and losses are recorded
)

// Run sends requests and responses until ctx ends. Call it once.
func (n *Node) Run(ctx context.Context) error {
	defer n.owner.Close()
	var out []byte
	m := newMachine(time.Now(), &n.cfg, func(to netip.AddrPort, msg v4wire.Message) v4wire.Hash {
		packet, hash, err := v4wire.Append(out[:0], n.cfg.Key, msg)
		if err != nil {
			panic(err) // every message of the machine fits into a packet
		}
		out = packet
		if _, err := n.cfg.Conn.WriteToUDPAddrPort(packet, to); err != nil {
			n.unsent++
		}
		return hash
	})
	timer := time.NewTimer(0)
	defer timer.Stop()
	var reported time.Time
	for {
		now := time.Now()
		m.onTick(now)
		if now.Sub(reported) >= reportEvery {
			reported = now
			n.report(now, m)
		}
		if at := m.deadline(); !at.IsZero() {
			timer.Reset(max(at.Sub(now), 0))
		}
		select {
		case <-ctx.Done():
			n.report(now, m)
			return nil
		case <-timer.C:
		case f := <-n.owner.Posts():
			f(m, time.Now())
		case p := <-n.inbox.Waiting():
			n.receive(m, p)
		}
	}
}

// receive runs cheap checks first: hash, type, expiration (devp2p/discv4.md#wire-protocol), pending request. It recovers
// the signer only of packets that can have an effect.
func (n *Node) receive(m *machine, p *bounded.Datagram) {
	defer n.inbox.Free(p)
	d, err := v4wire.Open(p.Data)
	if err != nil {
		return
	}
	msg, err := d.Message()
	now := time.Now()
	if err == nil && v4wire.Expired(msg, now) {
		m.onExpired(now, p.From, msg)
		return
	}
	if err != nil || !m.wanted(p.From, msg) || m.answerUnverified(now, p.From, d.Hash, msg) {
		return
	}
	key, err := d.Sender()
	if err != nil {
		m.onSigner(now, p.From, enr.ID{})
		return
	}
	m.onMessage(now, p.From, key, d.Hash, msg)
}

// report publishes the table and records losses.
func (n *Node) report(now time.Time, m *machine) {
	var table []kad.Contact
	for c := range m.table.All() {
		table = append(table, c)
	}
	n.table.Store(&table)
	for _, lost := range []struct {
		where string
		count uint64
	}{{"v4.inbox", n.inbox.TakeDropped()}, {"v4.send", n.unsent}, {"v4.walk", m.iterator.TakeLost()}} {
		if lost.count > 0 {
			n.cfg.Record.Record(event.Loss{At: event.At{Time: now}, Where: lost.where, Count: lost.count})
		}
	}
	n.unsent = 0
}
