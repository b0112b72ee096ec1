// SPDX-License-Identifier: Apache-2.0

// in: steps from readers and owners, time · out: events, requests, violations · goroutine:
// the loop

package blockgossip

import (
	"context"
	"errors"
	"time"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// Run is the loop. It runs until ctx ends and then handles what is left in the inbox. It
// may be called once.
func (g *Gossip) Run(ctx context.Context) {
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
	if at, ok := g.machine.deadline(); ok && !now.Before(at) {
		g.act(now, g.machine.onTick(now), nil)
	}
	g.losses.take(g.machine.takeLosses())
	if at, ok := g.losses.deadline(); ok && !now.Before(at) {
		g.losses.report(now, g.record)
	}
}

// wait returns how long there is nothing to do.
func (g *Gossip) wait(now time.Time) time.Duration {
	next := now.Add(time.Hour)
	if at, ok := g.machine.deadline(); ok && at.Before(next) {
		next = at
	}
	if at, ok := g.losses.deadline(); ok && at.Before(next) {
		next = at
	}
	return max(0, next.Sub(now))
}

// act does what the machine wants. at is when the message came that is handled, and
// received are its bodies.
func (g *Gossip) act(at time.Time, actions []action, received []content) {
	for _, a := range actions {
		t := g.byID[a.peer]
		switch {
		case a.block != nil:
			g.tell(at, a.block, received)
		case a.head != nil:
			g.record.Record(event.Head{
				At: event.At{Time: at}, Number: a.head.Number, Hash: a.head.Hash,
				By: event.HeadByPeers, Supporters: a.head.Attested,
			})
		case t == nil:
		case a.fault != nil:
			t.session.Fail(p2p.Breach("%w", a.fault))
		case a.headers != nil:
			g.asked(t, g.askHeaders(t, a.headers), g.machine.onHeadersBusy)
		case a.bodies != nil:
			g.asked(t, g.askBodies(t, a.bodies), g.machine.onBodiesBusy)
		}
	}
}

// asked handles a request that is not on its way after all.
func (g *Gossip) asked(t *teller, err error, busy func(time.Time, peerID) []action) {
	now := time.Now()
	switch {
	case errors.Is(err, eth.ErrBusy): // without request IDs, after it was silent
		g.act(now, busy(now, t.id), nil)
	case err != nil: // it is about to end
		g.act(now, g.machine.onPeerDown(now, t.id), nil)
	}
}

// tell records a block and hands on its transactions.
func (g *Gossip) tell(at time.Time, f *found, received []content) {
	e := event.Block{
		At: event.At{Time: at}, Source: f.teller, Via: f.via,
		Number: f.Number, Hash: f.Hash, Parent: f.Parent,
	}
	if f.body == unknownBody {
		g.record.Record(e)
		return
	}
	body := contentOf(f, received)
	e.Txs, e.Size = body.count, uint64(rlp.SizeList(f.size+body.size))
	g.record.Record(e)
	if body.count > 0 {
		g.body(at, f.teller, body.txs)
	}
}

// askHeaders asks a peer. The answer comes on the peer's reader, and is read there; that
// there is none may come on its owner.
func (g *Gossip) askHeaders(t *teller, q *headersQuery) error {
	request := wire.HeadersRequest{Origin: wire.AtNumber(q.number), Amount: q.amount}
	if q.byHash() {
		request.Origin = wire.AtHash(q.hash)
	}
	return eth.Ask(t.session, request, func(reply wire.Headers, err error) {
		at := time.Now()
		if err != nil {
			t.slot.Post(func(now time.Time) { g.act(now, g.machine.onNoHeaders(now, t.id), nil) })
			return
		}
		headers, err := readHeaders(reply.List)
		if err != nil {
			t.session.Fail(err)
			return
		}
		t.slot.Post(func(now time.Time) { g.act(at, g.machine.onHeaders(now, t.id, headers), nil) })
	})
}

// askBodies is the same for bodies.
func (g *Gossip) askBodies(t *teller, hashes []types.Hash) error {
	return eth.Ask(t.session, wire.BodiesRequest{Hashes: hashes}, func(reply wire.Bodies, err error) {
		at := time.Now()
		if err != nil {
			t.slot.Post(func(now time.Time) { g.act(now, g.machine.onNoBodies(now, t.id), nil) })
			return
		}
		roots, contents, err := readBodies(reply.List)
		if err != nil {
			t.session.Fail(err)
			return
		}
		t.slot.Post(func(now time.Time) { g.act(at, g.machine.onBodies(now, t.id, roots), contents) })
	})
}
