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
	named  *named
	table  *fetch.Table[types.Hash, *listener, described]

	unnamed, unknown, invalid, otherChain uint64 // losses
}

func newMachine(record event.Recorder, seen *seen, rnd *rand.Rand) *machine {
	return &machine{
		record: record, seen: seen, named: newNamed(),
		table: fetch.New[types.Hash, *listener, described](fetch.Rules{
			Limit: maxTasks, PerPeer: maxOffers, Wait: broadcastWait, Gather: gatherSlack,
			AskKeys: maxAskHashes, AskBytes: maxAskBytes, Cooldown: cooldown, MaxCooldown: maxCooldown,
			Shuffle: rnd.Shuffle,
		}),
	}
}

func (m *machine) join(l *listener) {
	m.table.Join(l)
	m.named.join(l)
}

func (m *machine) leave(l *listener) {
	m.table.Leave(l)
	m.named.leave(l)
}

// takeUntracked returns how many announcements were beyond a peer's share since the last call.
func (m *machine) takeUntracked() uint64 {
	n := m.table.Losses.PerPeer + m.unnamed
	m.table.Losses.PerPeer, m.unnamed = 0, 0
	return n
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
	from := l.arrival(at, event.ViaAnnouncement)
	for i := range items {
		it := &items[i]
		switch whole, why := m.seen.mention(it.hash, &l.credit); {
		case why != noFlaw:
			m.discard(why)
		case whole:
			m.sighting(from, it.hash)
		default:
			m.offered(now, from, l, it)
		}
	}
}

// offered takes the announcement of a transaction that has not been here. Only what the tables take is
// told and remembered.
func (m *machine) offered(now time.Time, from *arrival, l *listener, it *item) {
	isNew := !m.named.has(it.hash)
	if isNew && !m.named.add(now, l, it.hash) {
		m.unnamed++
		return
	}
	if !m.table.Offer(now, l, it.hash, int(min(it.size, maxAskBytes)), it.described) {
		if isNew {
			m.named.remove(it.hash)
		}
		return
	}
	if it.typed && it.kind == types.BlobTx {
		m.table.Ready(it.hash)
	}
	if !isNew {
		m.sighting(from, it.hash)
		return
	}
	m.record.Record(event.Tx{
		At: event.At{Time: from.at}, Source: from.by, Via: from.via,
		Hash: it.hash, Type: it.kind, Typed: it.typed, Size: it.size,
	})
}

// onReply ends a timely PooledTransactions, whose transactions have arrived
// (devp2p/caps/eth.md#pooledtransactions-0x0a).
func (m *machine) onReply(l *listener, hashes []types.Hash) {
	if err := m.table.Answered(l, hashes); err != nil {
		m.fault(l, fmt.Errorf("pooled transactions: %w", err))
	}
}

// onLate ends the reply to a request that has timed out.
func (m *machine) onLate(l *listener, _ []types.Hash) { m.table.Late(l) }

// arrived records whole transactions and ends their fetching. It first compares the announcements
// with the transactions that a peer delivered on request.
func (m *machine) arrived(from *arrival, all []heard) {
	for i := range all {
		b := &all[i].body
		offers := m.table.Got(b.hash)
		confirmed := false
		for _, o := range offers {
			confirmed = confirmed || o.Peer.credit.confirms(from.credit)
		}
		m.tell(from, &all[i], confirmed)
		for _, o := range offers {
			if err := o.Note.check(b, o.Peer == from.reply); err != nil {
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

// tell records a whole transaction. It is confirmed if another peer than the one that delivered it
// has announced it.
func (m *machine) tell(from *arrival, h *heard, confirmed bool) {
	if h.flaw != noFlaw {
		from.credit.deliver()
		if h.hash != (types.Hash{}) {
			m.seen.refuse(h.hash, h.flaw)
		}
		m.discard(h.flaw)
		return
	}
	switch whole, why := m.seen.mention(h.hash, from.credit); {
	case why != noFlaw:
		from.credit.deliver()
		m.discard(why)
	case whole, h.read == nil && !h.unknown:
		if from.via == event.ViaBroadcast { // a block repeats what is known, and we asked for a reply
			from.credit.deliver()
		}
		if from.via != event.ViaRequest { // a reply to our request is no sighting
			m.sighting(from, h.hash)
		}
	default:
		from.credit.deliver()
		m.seen.deliver(h.hash, from.credit, confirmed)
		m.recordWhole(from, h, m.named.remove(h.hash))
	}
}

func (m *machine) recordWhole(from *arrival, h *heard, update bool) {
	e := event.Tx{
		At: event.At{Time: from.at}, Source: from.by, Via: from.via, Update: update,
		Hash: h.hash, Type: h.kind, Typed: true, Size: h.size,
	}
	if h.unknown {
		m.unknown++
	} else {
		e.Body = &h.read.TxBody
	}
	m.record.Record(e)
}

// discard counts a mention of a transaction that is not told.
func (m *machine) discard(why flaw) {
	if why == otherChain {
		m.otherChain++
	} else {
		m.invalid++
	}
}

func (m *machine) sighting(from *arrival, h types.Hash) {
	m.record.Record(event.Sighting{At: event.At{Time: from.at}, Hash: h, Via: from.via, Peer: from.by.Peer})
}
