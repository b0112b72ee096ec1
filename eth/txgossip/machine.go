// SPDX-License-Identifier: Apache-2.0

// in: announcements, transactions, replies, time · out: events, requests, violations · owner:
// the loop

package txgossip

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/fetch"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/types"
)

// The rules of fetching. The machine first waits for an announced transaction, because it often
// arrives whole, too; then it requests it from the announcing peers, one request per peer at a time
// (devp2p/caps/eth.md#transaction-exchange).
const (
	broadcastWait = 500 * time.Millisecond // blob transactions are never broadcast, and not waited for
	gatherSlack   = 100 * time.Millisecond
	maxTasks      = 1 << 16
	maxOffers     = 4096 // announced hashes tracked per peer
	maxAskHashes  = 256
	maxAskBytes   = 128 << 10 // announced sizes in one request; the last may exceed it
	sizeTolerance = 8         // announced sizes may count the RLP header of a typed transaction

	// A peer that did not answer is asked nothing until it does, or until this time has passed.
	// go-ethereum waits for ever; but a peer may have been slow once.
	cooldown    = 30 * time.Second
	maxCooldown = time.Hour
)

// An item is one entry of an announcement.
type item struct {
	hash types.Hash
	described
}

// described is what an announcement states of a transaction (EIP-5793: type and size).
type described struct {
	typed bool // kind and size are known: eth/68 and later
	kind  uint8
	size  uint64
}

// A body says which transaction has arrived whole.
type body struct {
	hash  types.Hash
	kind  uint8
	size  uint64
	sized bool // size is what an announcement would state: false for a blob transaction without its sidecar
}

// Faults of an announcement.
var (
	errWrongType = errors.New("announced transaction has another type")
	errWrongSize = errors.New("announced transaction has another size")
)

// A machine records transactions, and decides which to fetch.
type machine struct {
	record event.Recorder
	seen   *seen
	table  *fetch.Table[types.Hash, *listener, described]

	unknown, invalid uint64 // losses
}

func newMachine(record event.Recorder, seen *seen, rnd *rand.Rand) *machine {
	return &machine{
		record: record, seen: seen,
		table: fetch.New[types.Hash, *listener, described](fetch.Rules{
			Limit: maxTasks, PerPeer: maxOffers, Wait: broadcastWait, Gather: gatherSlack,
			AskKeys: maxAskHashes, AskBytes: maxAskBytes, Cooldown: cooldown, MaxCooldown: maxCooldown,
			Shuffle: rnd.Shuffle,
		}),
	}
}

// Tick implements [owner.Machine]: it asks for what can be asked for now.
func (m *machine) Tick(now time.Time) time.Time {
	for {
		asks, next := m.table.Next(now)
		if len(asks) == 0 {
			return next
		}
		for _, ask := range asks {
			switch err := ask.Peer.ask(ask.Keys); {
			case errors.Is(err, eth.ErrBusy): // without request IDs, after it was silent
				m.table.Failed(now, ask.Peer)
			case err != nil: // the session is about to end
				m.table.Leave(ask.Peer)
			}
		}
	}
}

// onAnnounce takes an announcement (devp2p/caps/eth.md#newpooledtransactionhashes-0x08).
func (m *machine) onAnnounce(now, at time.Time, l *listener, items []item) {
	by := l.session.Source()
	for i := range items {
		it := &items[i]
		switch m.seen.heard(it.hash, false) {
		case first:
			m.record.Record(event.Tx{
				At: event.At{Time: at}, Source: by, Via: event.ViaAnnouncement,
				Hash: it.hash, Type: it.kind, Typed: it.typed, Size: it.size,
			})
		case again:
			m.sighting(at, by, event.ViaAnnouncement, it.hash)
		case junk:
			m.invalid++
		}
		if m.seen.isDone(it.hash) {
			continue
		}
		offered := m.table.Offer(now, l, it.hash, int(min(it.size, maxAskBytes)), it.described)
		if offered && it.typed && it.kind == types.BlobTx {
			m.table.Ready(it.hash)
		}
	}
}

// onTxs takes whole, unrequested transactions (devp2p/caps/eth.md#transactions-0x02).
func (m *machine) onTxs(at time.Time, l *listener, all []heard) {
	m.arrived(l.session.Source(), at, event.ViaBroadcast, all, nil)
}

// onBlock takes transactions of a block.
func (m *machine) onBlock(at time.Time, by event.Source, all []heard) {
	m.arrived(by, at, event.ViaBlock, all, nil)
}

// onReply takes a timely PooledTransactions (devp2p/caps/eth.md#pooledtransactions-0x0a).
func (m *machine) onReply(at time.Time, l *listener, all []heard) {
	m.arrived(l.session.Source(), at, event.ViaRequest, all, l)
	hashes := make([]types.Hash, len(all))
	for i := range all {
		hashes[i] = all[i].hash
	}
	if err := m.table.Answered(l, hashes); err != nil {
		m.fault(l, fmt.Errorf("pooled transactions: %w", err))
	}
}

// onLate takes the reply to a request that has timed out.
func (m *machine) onLate(at time.Time, l *listener, all []heard) {
	m.arrived(l.session.Source(), at, event.ViaRequest, all, l)
	m.table.Late(l)
}

// arrived records whole transactions and ends their fetching. It first compares the announcements
// with the transactions that a peer delivered on request (nil: no request).
func (m *machine) arrived(by event.Source, at time.Time, via event.Via, all []heard, from *listener) {
	for i := range all {
		m.tell(at, by, via, &all[i])
		b := &all[i].body
		for _, o := range m.table.Got(b.hash) {
			if err := o.Note.check(b, o.Peer == from); err != nil {
				m.fault(o.Peer, err)
			}
		}
	}
}

// check compares an announcement with the transaction. The hash commits to type and size; only the
// sidecar of a blob transaction has several forms (EIP-4844, EIP-7594), so that the size of one from
// another peer proves nothing.
func (d *described) check(b *body, deliverer bool) error {
	switch {
	case !d.typed:
		return nil
	case d.kind != b.kind:
		return fmt.Errorf("%w: %v announced as %d, is %d", errWrongType, b.hash, d.kind, b.kind)
	case !b.sized || b.kind == types.BlobTx && !deliverer:
		return nil
	case max(d.size, b.size)-min(d.size, b.size) > sizeTolerance:
		return fmt.Errorf("%w: %v announced with %d bytes, has %d", errWrongSize, b.hash, d.size, b.size)
	}
	return nil
}

// fault ends the session of a peer that broke a rule. Other peers are asked for its keys.
func (m *machine) fault(l *listener, err error) {
	m.table.Leave(l)
	l.session.Fail(p2p.Breach("%w", err))
}

// tell records a whole transaction.
func (m *machine) tell(at time.Time, by event.Source, via event.Via, h *heard) {
	if h.invalid {
		if h.hash != (types.Hash{}) {
			m.seen.refuse(h.hash)
		}
		m.invalid++
		return
	}
	switch what := m.seen.heard(h.hash, true); what {
	case first, complete:
		if h.unknown {
			m.unknown++
		}
		m.record.Record(event.Tx{
			At: event.At{Time: at}, Source: by, Via: via, Update: what == complete,
			Hash: h.hash, Type: h.kind, Typed: true, Size: h.size, Body: h.fields,
		})
	case again:
		if via != event.ViaRequest { // a reply to our request is no sighting
			m.sighting(at, by, via, h.hash)
		}
	case junk:
		m.invalid++
	}
}

func (m *machine) sighting(at time.Time, by event.Source, via event.Via, h types.Hash) {
	m.record.Record(event.Sighting{At: event.At{Time: at}, Hash: h, Via: via, Peer: by.Peer})
}
