// SPDX-License-Identifier: Apache-2.0

// in: one session's messages and replies · out: letters to the loop · owner: the session's
// reader and owner

package txgossip

import (
	"time"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/owner"
	"github.com/ethpeer/ethpeer/types"
)

// A listener is this role's side of a session, and the session's name in the machine. All but its
// credit is immutable.
type listener struct {
	gossip  *Gossip
	session *eth.Session
	slot    *owner.Slot[*machine]
	line    *line  // in the stage
	credit  credit // owner: the loop
}

// About what an item of an announcement and a whole transaction take while they wait.
const (
	itemBytes  = 56
	heardBytes = 340
)

// On implements [eth.Listener]: Transactions and NewPooledTransactionHashes
// (devp2p/caps/eth.md#transactions-0x02, #newpooledtransactionhashes-0x08).
func (l *listener) On(message wire.Message) error {
	at := time.Now()
	switch message := message.(type) {
	case *wire.Transactions:
		return l.hear(at, message.Content())
	case *wire.NewPooledTransactionHashes:
		items := make([]item, 0, message.Len())
		for a := range message.All() {
			items = append(items, item{hash: a.Hash, described: described{typed: a.Typed, kind: a.Type, size: a.Size}})
		}
		return l.put(itemBytes*len(items), func(m *machine, now time.Time) { m.onAnnounce(now, at, l, items) })
	}
	return nil
}

// hear reads broadcast transactions in parts, so that what waits is bounded. While the line in the stage
// is full the session's reader waits.
func (l *listener) hear(at time.Time, items []byte) error {
	for len(items) > 0 {
		part, after := cutItems(items, maxPart)
		if items = after; len(part) == 0 {
			part, items = items, nil // it cannot be split: a breach
		}
		all, fresh, err := l.gossip.hear(l.session.Version(), part, maxPart, event.ViaBroadcast)
		switch {
		case err != nil:
			return err
		case !fresh:
			err = l.put(heardBytes*len(all), func(m *machine, _ time.Time) { m.arrived(l.arrival(at, event.ViaBroadcast), all) })
		case !l.gossip.stage.put(l.session.Done(), l.line, job{arrival: *l.arrival(at, event.ViaBroadcast), all: all}):
			err = l.session.Cause()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// arrival says how transactions of the session came.
func (l *listener) arrival(at time.Time, via event.Via) *arrival {
	a := &arrival{at: at, by: l.session.Source(), via: via, credit: &l.credit}
	if via == event.ViaRequest {
		a.reply = l
	}
	return a
}

// put queues a letter for the loop. While the slot is full the session's reader waits.
func (l *listener) put(size int, do owner.Letter[*machine]) error {
	if !l.slot.Put(l.session.Done(), size, do) {
		return l.session.Cause()
	}
	return nil
}

// Close implements [eth.Listener].
func (l *listener) Close(error) {
	l.gossip.stage.leave(l.line)
	l.slot.Post(0, func(m *machine, _ time.Time) { m.leave(l) })
}

// ask sends GetPooledTransactions (devp2p/caps/eth.md#getpooledtransactions-0x09). The session's
// reader gets and reads the reply; the failure may arrive on its owner.
func (l *listener) ask(hashes []types.Hash) error {
	late := func(reply wire.PooledTxs) { l.reply(reply, (*machine).onLate) }
	return eth.AskWith(l.session, wire.PooledRequest{Hashes: hashes}, eth.Options[wire.PooledTxs]{Late: late}, func(reply wire.PooledTxs, err error) {
		if err != nil {
			l.slot.Post(0, func(m *machine, now time.Time) { m.table.Failed(now, l) })
			return
		}
		l.reply(reply, (*machine).onReply)
	})
}

// reply reads a reply; end is called when its transactions have been told. It does not wait: a peer
// has one request at a time, and is asked nothing more until end.
func (l *listener) reply(reply wire.PooledTxs, end func(m *machine, l *listener, hashes []types.Hash)) {
	at := time.Now()
	all, fresh, err := l.gossip.hear(l.session.Version(), reply.List.Content(), reply.List.Len(), event.ViaRequest)
	if err != nil {
		l.session.Fail(err)
		return
	}
	hashes := make([]types.Hash, len(all))
	for i := range all {
		hashes[i] = all[i].hash
	}
	a := l.arrival(at, event.ViaRequest)
	finish := func(m *machine) { end(m, l, hashes) }
	if fresh {
		l.gossip.stage.add(l.line, job{arrival: *a, all: all, end: finish}, true)
		return
	}
	l.slot.Post(heardBytes*len(all), func(m *machine, _ time.Time) {
		m.arrived(a, all)
		finish(m)
	})
}
