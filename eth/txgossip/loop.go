// SPDX-License-Identifier: Apache-2.0

// in: steps from readers and owners, time · out: events, requests, violations · goroutines:
// the loop, and one that reads the bodies of blocks

package txgossip

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/types"
)

var errBlobBroadcast = errors.New("a blob transaction must be announced, not broadcast")

// Run is the loop. It runs until ctx ends and then handles what is left in the inbox. It
// may be called once.
func (g *Gossip) Run(ctx context.Context) {
	defer close(g.ended)
	var blocks sync.WaitGroup
	blocks.Go(func() { g.readBlocks(ctx) })
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-g.inbox.Ready():
		case <-timer.C:
		}
		g.drain()
		now := time.Now()
		g.tick(now)
		timer.Reset(g.wait(now))
	}
	blocks.Wait()
	g.drain()
	g.losses.report(time.Now(), g.record)
}

// drain takes what is in the inbox, and keeps the time while there is much.
func (g *Gossip) drain() {
	for do, ok := g.inbox.Take(); ok; do, ok = g.inbox.Take() {
		now := time.Now()
		do(now)
		g.tick(now)
	}
}

func (g *Gossip) tick(now time.Time) {
	g.act(now, g.fetch.onTick(now))
	g.losses.take(g.fetch.takeLosses())
	if due, ok := g.losses.deadline(); ok && !now.Before(due) {
		g.losses.report(now, g.record)
	}
}

// wait returns how long there is nothing to do.
func (g *Gossip) wait(now time.Time) time.Duration {
	next := now.Add(time.Hour)
	if at, ok := g.fetch.deadline(); ok && at.Before(next) {
		next = at
	}
	if at, ok := g.losses.deadline(); ok && at.Before(next) {
		next = at
	}
	return max(0, next.Sub(now))
}

// announced handles an announcement.
func (g *Gossip) announced(now, at time.Time, t *teller, items []item) {
	by := t.session.Source()
	missing := items[:0]
	for _, it := range items {
		switch g.ledger.heard(it.hash, false) {
		case first:
			g.record.Record(event.Tx{
				At: event.At{Time: at}, Source: by, Via: event.ViaAnnouncement,
				Hash: it.hash, Type: it.kind, Typed: it.typed, Size: it.size,
			})
		case again:
			g.sighting(at, by, event.ViaAnnouncement, it.hash)
		case junk:
			g.losses.invalid++
		}
		if !g.ledger.isDone(it.hash) {
			missing = append(missing, it)
		}
	}
	g.act(now, g.fetch.onAnnounce(now, t.id, missing))
}

// arrived handles whole transactions that a peer sent unasked.
func (g *Gossip) arrived(now, at time.Time, t *teller, via event.Via, all []heard) {
	g.act(now, g.fetch.onBodies(g.tell(at, t.session.Source(), via, all)))
}

// tell records whole transactions and returns their bodies.
func (g *Gossip) tell(at time.Time, by event.Source, via event.Via, all []heard) []body {
	bodies := make([]body, len(all))
	for i := range all {
		h := &all[i]
		bodies[i] = h.body
		if h.invalid {
			g.ledger.refuse(h.hash)
			g.losses.invalid++
			continue
		}
		switch what := g.ledger.heard(h.hash, true); what {
		case first, complete:
			if h.unknown {
				g.losses.unknown++
			}
			g.record.Record(event.Tx{
				At: event.At{Time: at}, Source: by, Via: via, Update: what == complete,
				Hash: h.hash, Type: h.kind, Typed: true, Size: h.size, Body: h.fields,
			})
		case again:
			if via != event.ViaRequest { // an answer to us tells nothing
				g.sighting(at, by, via, h.hash)
			}
		case junk:
			g.losses.invalid++
		}
	}
	return bodies
}

func (g *Gossip) sighting(at time.Time, by event.Source, via event.Via, h types.Hash) {
	g.record.Record(event.Sighting{At: event.At{Time: at}, Hash: h, Via: via, Peer: by.Peer})
}

// act does what the machine wants.
func (g *Gossip) act(now time.Time, actions []action) {
	for _, a := range actions {
		t := g.tellers[a.peer]
		switch {
		case t == nil:
		case a.fault != nil:
			t.session.Fail(p2p.Breach("%w", a.fault))
		default:
			err := g.ask(t, a.ask)
			switch {
			case errors.Is(err, eth.ErrBusy): // without request IDs, after it was silent
				g.act(now, g.fetch.onTimeout(now, t.id))
			case err != nil: // it is about to end
				g.act(now, g.fetch.onPeerDown(t.id))
			}
		}
	}
}

// ask asks a peer for transactions. The answer comes on the peer's reader, and is read
// there; that there is none may come on its owner.
func (g *Gossip) ask(t *teller, hashes []types.Hash) error {
	return eth.Ask(t.session, wire.PooledRequest{Hashes: hashes}, func(reply wire.PooledTxs, err error) {
		if err != nil {
			t.slot.Post(func(now time.Time) { g.act(now, g.fetch.onTimeout(now, t.id)) })
			return
		}
		at := time.Now()
		heard, err := g.hear(t.session.Version(), reply.List, event.ViaRequest)
		if err != nil {
			t.session.Fail(err)
			return
		}
		t.slot.Post(func(now time.Time) {
			g.act(now, g.fetch.onReply(t.id, g.tell(at, t.session.Source(), event.ViaRequest, heard)))
		})
	})
}
