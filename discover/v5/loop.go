// SPDX-License-Identifier: Apache-2.0

// in: datagrams, questions, time · out: datagrams, answers · one goroutine

package v5

import (
	"context"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/internal/bounded"
)

const (
	inboxSize = 256 // datagrams; what comes beyond is dropped
	batchSize = 64  // datagrams behind the first that are dealt with before questions and time have their turn
)

// Run takes part in the network until ctx ends; call it once. Nothing is sent before. It
// returns nil.
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

// report tells what was lost.
func (n *Node) report(m *machine, now time.Time) {
	m.losses[lostInbox] += n.inbox.TakeDropped()
	m.losses[lostWalk] += m.iterator.TakeLost()
	m.losses.report(now, n.cfg.Record)
}

// onDatagrams takes a datagram and those that wait behind it.
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

// Deliver takes one datagram, which is borrowed, and reports whether it is of this protocol
// and for this node; if not, offer it to another protocol. It never blocks: an inbox that is
// full drops the datagram. It may be called before Run, after it, and by several goroutines.
func (n *Node) Deliver(from netip.AddrPort, b []byte) bool {
	if !n.filter.Ours(b) {
		return false
	}
	n.inbox.Put(from, b)
	return true
}
