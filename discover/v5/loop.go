// SPDX-License-Identifier: Apache-2.0

// in: datagrams, requests of callers, time · out: datagrams, responses · one goroutine

package v5

import (
	"context"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/internal/bounded"
)

const (
	inboxSize = 256 // datagrams; the next is dropped
	batchSize = 64  // more datagrams handled after the first, before requests and the timer
)

// Run sends requests and responses until ctx ends, and returns nil. Call it once. Nothing is sent before Run.
func (n *Node) Run(ctx context.Context) error {
	defer n.owner.Close()
	m := newMachine(time.Now(), n.cfg)
	timer := time.NewTimer(0)
	defer timer.Stop()
	var armed time.Time // when the timer fires
	for {
		n.publish(m)
		if at := m.deadline(); !at.IsZero() && !at.Equal(armed) {
			timer.Reset(time.Until(at))
			armed = at
		}
		select {
		case <-ctx.Done():
			n.report(m, time.Now())
			return nil
		case <-timer.C:
			armed = time.Time{}
			n.onTick(m)
		case d := <-n.inbox.Waiting():
			n.onDatagrams(m, d)
		case ask := <-n.owner.Posts():
			m.sync()
			ask(m, time.Now())
		}
	}
}

func (n *Node) onTick(m *machine) {
	now := time.Now()
	n.report(m, now)
	m.onTick(now)
}

// report records losses.
func (n *Node) report(m *machine, now time.Time) {
	m.losses[lostInbox] += n.inbox.TakeDropped()
	m.losses[lostWalk] += m.iterator.TakeLost()
	m.losses.report(now, n.cfg.Record)
}

// onDatagrams handles a datagram and up to batchSize that wait behind it.
func (n *Node) onDatagrams(m *machine, d *bounded.Datagram) {
	now := time.Now()
	for left := batchSize; ; left-- {
		m.onDatagram(now, d.From, d.Data)
		n.inbox.Free(d)
		if left == 0 {
			return
		}
		select {
		case d = <-n.inbox.Waiting():
		default:
			return
		}
	}
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
