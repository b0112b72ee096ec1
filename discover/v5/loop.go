// SPDX-License-Identifier: Apache-2.0

// in: datagrams, questions, time · out: datagrams, answers · one goroutine

package v5

import (
	"context"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover/v5wire"
)

const (
	inboxSize = 256 // datagrams; what comes beyond is dropped
	batchSize = 64  // datagrams that are dealt with before questions and time have their turn
)

// A datagram is what came from an address.
type datagram struct {
	from netip.AddrPort
	size int
	b    [v5wire.MaxSize]byte
}

// question is posted to the loop.
type question func(now time.Time, m *machine)

// Run takes part in the network until ctx ends; call it once. Nothing is sent before. It
// returns nil.
func (n *Node) Run(ctx context.Context) error {
	defer close(n.ended)
	m := newMachine(time.Now(), n.cfg)
	timer := time.NewTimer(0)
	defer timer.Stop()
	var armed time.Time // when the timer fires
	for {
		n.publish(m)
		if at, ok := m.deadline(); ok && !at.Equal(armed) {
			timer.Reset(time.Until(at))
			armed = at
		}
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
			armed = time.Time{}
			n.onTick(m)
		case d := <-n.inbox:
			n.onDatagrams(m, d)
		case ask := <-n.questions:
			m.sync()
			ask(time.Now(), m)
		}
	}
}

func (n *Node) onTick(m *machine) {
	now := time.Now()
	m.losses[lostInbox] += n.dropped.Swap(0)
	m.losses.report(now, n.cfg.Record)
	m.onTick(now)
}

// onDatagrams takes a datagram and those that wait behind it.
func (n *Node) onDatagrams(m *machine, d *datagram) {
	now := time.Now()
	for range batchSize {
		m.onDatagram(now, d.from, d.b[:d.size])
		n.spare.Put(d)
		select {
		case d = <-n.inbox:
		default:
			return
		}
	}
	m.onDatagram(now, d.from, d.b[:d.size])
	n.spare.Put(d)
}

// Deliver takes one datagram, which is borrowed, and reports whether it is of this protocol
// and for this node; if not, offer it to another protocol. It never blocks: an inbox that is
// full drops the datagram. It may be called before Run, after it, and by several goroutines.
func (n *Node) Deliver(from netip.AddrPort, b []byte) bool {
	if !n.filter.Ours(b) {
		return false
	}
	d := n.spare.Get().(*datagram)
	d.from, d.size = from, copy(d.b[:], b)
	select {
	case n.inbox <- d:
	default:
		n.spare.Put(d)
		n.dropped.Add(1)
	}
	return true
}
