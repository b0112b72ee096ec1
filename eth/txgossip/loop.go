// SPDX-License-Identifier: Apache-2.0

// in: steps from readers and owners, time · out: events, requests, violations · goroutines:
// the loop, and one that reads the bodies of blocks

package txgossip

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/owner"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/types"
)

var errBlobBroadcast = errors.New("a blob transaction must be announced, not broadcast")

// Run is the loop. It runs until ctx ends and then handles what is left in the inbox. It
// may be called once.
func (g *Gossip) Run(ctx context.Context) {
	var blocks sync.WaitGroup
	blocks.Go(func() { g.readBlocks(ctx) })
	defer blocks.Wait()
	defer close(g.ended)
	m := g.machine
	g.loop.Run(
		ctx, m,
		owner.Counter("txgossip.peer", &m.fetch.losses.peer),
		owner.Counter("txgossip.table", &m.fetch.losses.table),
		owner.Counter("txgossip.unknown", &m.unknown),
		owner.Counter("txgossip.invalid", &m.invalid),
	)
}

// A machine records what is heard and decides whom to ask. The loop owns it.
type machine struct {
	record    event.Recorder
	ledger    *ledger
	gossip    *Gossip
	fetch     *fetch
	listeners map[peerID]*listener

	unknown, invalid uint64 // losses
}

func newMachine(g *Gossip, rnd *rand.Rand) *machine {
	return &machine{
		record: g.record, ledger: g.ledger, gossip: g,
		fetch: newFetch(maxTasks, rnd), listeners: make(map[peerID]*listener),
	}
}

// Tick implements [owner.Machine].
func (m *machine) Tick(now time.Time) time.Time {
	m.act(now, m.fetch.onTick(now))
	at, ok := m.fetch.deadline()
	if !ok {
		return time.Time{}
	}
	return at
}

func (m *machine) onOpen(l *listener) {
	m.listeners[l.id] = l
	m.fetch.onPeerUp(l.id)
}

func (m *machine) onClose(now time.Time, l *listener) {
	delete(m.listeners, l.id)
	m.act(now, m.fetch.onPeerDown(l.id))
}

// onAnnounce handles an announcement.
func (m *machine) onAnnounce(now, at time.Time, l *listener, items []item) {
	by := l.session.Source()
	missing := items[:0]
	for _, it := range items {
		switch m.ledger.heard(it.hash, false) {
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
		if !m.ledger.isDone(it.hash) {
			missing = append(missing, it)
		}
	}
	m.act(now, m.fetch.onAnnounce(now, l.id, missing))
}

// onTxs handles whole transactions that a peer sent unasked.
func (m *machine) onTxs(now, at time.Time, l *listener, all []heard) {
	m.act(now, m.fetch.onBodies(m.tell(at, l.session.Source(), event.ViaBroadcast, all)))
}

// tell records whole transactions and returns their bodies.
func (m *machine) tell(at time.Time, by event.Source, via event.Via, all []heard) []body {
	bodies := make([]body, len(all))
	for i := range all {
		h := &all[i]
		bodies[i] = h.body
		if h.invalid {
			m.ledger.refuse(h.hash)
			m.invalid++
			continue
		}
		switch what := m.ledger.heard(h.hash, true); what {
		case first, complete:
			if h.unknown {
				m.unknown++
			}
			m.record.Record(event.Tx{
				At: event.At{Time: at}, Source: by, Via: via, Update: what == complete,
				Hash: h.hash, Type: h.kind, Typed: true, Size: h.size, Body: h.fields,
			})
		case again:
			if via != event.ViaRequest { // an answer to us tells nothing
				m.sighting(at, by, via, h.hash)
			}
		case junk:
			m.invalid++
		}
	}
	return bodies
}

func (m *machine) sighting(at time.Time, by event.Source, via event.Via, h types.Hash) {
	m.record.Record(event.Sighting{At: event.At{Time: at}, Hash: h, Via: via, Peer: by.Peer})
}

// act does what the machine wants.
func (m *machine) act(now time.Time, actions []action) {
	for _, a := range actions {
		l := m.listeners[a.peer]
		switch {
		case l == nil:
		case a.fault != nil:
			l.session.Fail(p2p.Breach("%w", a.fault))
		default:
			err := m.ask(l, a.ask)
			switch {
			case errors.Is(err, eth.ErrBusy): // without request IDs, after it was silent
				m.act(now, m.fetch.onTimeout(now, l.id))
			case err != nil: // it is about to end
				m.act(now, m.fetch.onPeerDown(l.id))
			}
		}
	}
}

// ask asks a peer for transactions. The answer comes on the peer's reader, and is read
// there; that there is none may come on its owner.
func (m *machine) ask(l *listener, hashes []types.Hash) error {
	return eth.Ask(l.session, wire.PooledRequest{Hashes: hashes}, func(reply wire.PooledTxs, err error) {
		if err != nil {
			l.slot.Post(func(m *machine, now time.Time) { m.act(now, m.fetch.onTimeout(now, l.id)) })
			return
		}
		at := time.Now()
		heard, err := m.gossip.hear(l.session.Version(), reply.List, event.ViaRequest)
		if err != nil {
			l.session.Fail(err)
			return
		}
		l.slot.Post(func(m *machine, now time.Time) {
			m.act(now, m.fetch.onReply(l.id, m.tell(at, l.session.Source(), event.ViaRequest, heard)))
		})
	})
}
