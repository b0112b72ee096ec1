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
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/internal/owner"
)

const (
	maxInbox     = 256
	publishEvery = time.Second // the table, for other goroutines
)

// Run sends requests and responses until ctx ends. Call it once.
func (n *Node) Run(ctx context.Context) error {
	var out []byte
	unsent := uint64(0)
	m := newMachine(time.Now(), &n.cfg, func(to netip.AddrPort, msg v4wire.Message) v4wire.Hash {
		packet, hash, err := v4wire.Append(out[:0], n.cfg.Key, msg)
		if err != nil {
			panic(err) // every message of the machine fits into a packet
		}
		out = packet
		if _, err := n.cfg.Conn.WriteToUDPAddrPort(packet, to); err != nil {
			unsent++
		}
		return hash
	})
	m.publish = n.publish
	n.loop.Receive(n.inbox, receive)
	n.loop.Run(
		ctx, m,
		owner.Loss{Where: "v4.inbox", Take: n.inbox.TakeDropped},
		owner.Counter("v4.send", &unsent),
		owner.Loss{Where: "v4.walk", Take: m.iterator.TakeLost},
	)
	n.publish(m)
	return nil
}

// Tick implements [owner.Machine].
func (m *machine) Tick(now time.Time) (next time.Time) {
	m.onTick(now)
	if now.Sub(m.published) >= publishEvery {
		m.published = now
		m.publish(m)
	}
	return m.deadline()
}

// publish stores a snapshot of the table for other goroutines.
func (n *Node) publish(m *machine) {
	var table []kad.Contact
	for c := range m.table.All() {
		table = append(table, c)
	}
	n.table.Store(&table)
}

// receive runs cheap checks first: hash, type, expiration (devp2p/discv4.md#wire-protocol), pending request. It recovers
// the signer only of packets that can have an effect.
func receive(m *machine, now time.Time, p *bounded.Datagram) {
	d, err := v4wire.Open(p.Data)
	if err != nil {
		return
	}
	msg, err := d.Message()
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
