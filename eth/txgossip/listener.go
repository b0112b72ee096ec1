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

// A listener is this role's side of a session. It is immutable, and the session's name in the
// machine.
type listener struct {
	gossip  *Gossip
	session *eth.Session
	slot    *owner.Slot[*machine]
}

// About what an item of an announcement and a whole transaction take in the inbox.
const (
	itemBytes  = 56
	heardBytes = 230
)

// On implements [eth.Listener]: Transactions and NewPooledTransactionHashes
// (devp2p/caps/eth.md#transactions-0x02, #newpooledtransactionhashes-0x08).
func (l *listener) On(message wire.Message) error {
	at := time.Now()
	switch message := message.(type) {
	case *wire.Transactions:
		all, err := l.gossip.hear(l.session.Version(), message.List, event.ViaBroadcast)
		if err != nil {
			return err
		}
		return l.put(heardBytes*len(all), func(m *machine, _ time.Time) { m.onTxs(at, l, all) })
	case *wire.NewPooledTransactionHashes:
		items := make([]item, 0, message.Len())
		for a := range message.All() {
			items = append(items, item{hash: a.Hash, described: described{typed: a.Typed, kind: a.Type, size: a.Size}})
		}
		return l.put(itemBytes*len(items), func(m *machine, now time.Time) { m.onAnnounce(now, at, l, items) })
	}
	return nil
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
	l.slot.Post(0, func(m *machine, _ time.Time) { m.table.Leave(l) })
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

func (l *listener) reply(reply wire.PooledTxs, on func(*machine, time.Time, *listener, []heard)) {
	at := time.Now()
	all, err := l.gossip.hear(l.session.Version(), reply.List, event.ViaRequest)
	if err != nil {
		l.session.Fail(err)
		return
	}
	l.slot.Post(heardBytes*len(all), func(m *machine, _ time.Time) { on(m, at, l, all) })
}
