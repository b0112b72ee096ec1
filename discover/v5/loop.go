// SPDX-License-Identifier: Apache-2.0

// in: datagrams, requests of callers, time · out: datagrams, responses · one goroutine

package v5

import (
	"context"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/internal/owner"
)

const inboxSize = 256 // datagrams; the next is dropped

// Run sends requests and responses until ctx ends, and returns nil. Call it once. Nothing is sent before Run.
func (n *Node) Run(ctx context.Context) error {
	now := time.Now()
	m := newMachine(now, n.cfg)
	m.publish = n.publish
	m.onTick(now)
	n.loop.Receive(n.inbox, func(m *machine, now time.Time, d *bounded.Datagram) { m.onDatagram(now, d.From, d.Data) })
	n.loop.Run(ctx, m, append(
		m.losses.table(),
		owner.Loss{Where: "v5.inbox", Take: n.inbox.TakeDropped},
		owner.Loss{Where: "v5.walk", Take: m.iterator.TakeLost},
	)...)
	return nil
}

// Tick implements [owner.Machine].
func (m *machine) Tick(now time.Time) (next time.Time) {
	if at := m.deadline(); !at.IsZero() && !now.Before(at) {
		m.onTick(now)
	}
	if m.upkeep.changed {
		m.upkeep.changed = false
		m.publish(m)
	}
	return m.deadline()
}

// ask has the loop call post, and waits for the reply.
func ask[R any](ctx context.Context, n *Node, post func(m *machine, now time.Time, reply func(R, error))) (R, error) {
	return owner.Ask(ctx, n.loop.Owner, func(m *machine, now time.Time, reply func(R, error)) {
		m.sync()
		post(m, now, reply)
	})
}

// Deliver puts a copy of a datagram into the inbox. It returns false if the header shows another protocol or another
// node (devp2p/discv5/discv5-wire.md#protocol-header). Deliver never blocks: if the inbox is
// full, the datagram is dropped and counted. Any goroutine may call it, also before and after Run.
func (n *Node) Deliver(from netip.AddrPort, b []byte) bool {
	if !n.filter.Ours(b) {
		return false
	}
	n.inbox.Put(from, b)
	return true
}
