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
	"github.com/ethpeer/ethpeer/internal/owner"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// Run is the loop. It runs until ctx ends and then handles what is left in the inbox. It
// may be called once.
func (g *Gossip) Run(ctx context.Context) {
	lost := &g.machine.losses
	g.loop.Run(
		ctx, g,
		owner.Counter("blockgossip.announced", &lost.announced),
		owner.Counter("blockgossip.bodies", &lost.bodies),
		owner.Counter("blockgossip.jumps", &lost.jumps),
	)
}

// Tick implements [owner.Machine]: only the loop calls it.
func (g *Gossip) Tick(now time.Time) time.Time {
	if at, ok := g.machine.deadline(); ok && !now.Before(at) {
		g.act(now, g.machine.onTick(now), nil)
	}
	at, ok := g.machine.deadline()
	if !ok {
		return time.Time{}
	}
	return at
}

// act does what the machine wants. at is when the message came that is handled, and
// received are its bodies.
func (g *Gossip) act(at time.Time, actions []action, received []content) {
	for _, a := range actions {
		t := g.listeners[a.peer]
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
func (g *Gossip) asked(t *listener, err error, busy func(time.Time, peerID) []action) {
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
func (g *Gossip) askHeaders(t *listener, q *headersQuery) error {
	request := wire.HeadersRequest{Origin: wire.AtNumber(q.number), Amount: q.amount}
	if q.byHash() {
		request.Origin = wire.AtHash(q.hash)
	}
	return eth.Ask(t.session, request, func(reply wire.Headers, err error) {
		at := time.Now()
		if err != nil {
			t.slot.Post(func(g *Gossip, now time.Time) { g.act(now, g.machine.onNoHeaders(now, t.id), nil) })
			return
		}
		headers, err := readHeaders(reply.List)
		if err != nil {
			t.session.Fail(err)
			return
		}
		t.slot.Post(func(g *Gossip, now time.Time) { g.act(at, g.machine.onHeaders(now, t.id, headers), nil) })
	})
}

// askBodies is the same for bodies.
func (g *Gossip) askBodies(t *listener, hashes []types.Hash) error {
	return eth.Ask(t.session, wire.BodiesRequest{Hashes: hashes}, func(reply wire.Bodies, err error) {
		at := time.Now()
		if err != nil {
			t.slot.Post(func(g *Gossip, now time.Time) { g.act(now, g.machine.onNoBodies(now, t.id), nil) })
			return
		}
		roots, contents, err := readBodies(reply.List)
		if err != nil {
			t.session.Fail(err)
			return
		}
		t.slot.Post(func(g *Gossip, now time.Time) { g.act(at, g.machine.onBodies(now, t.id, roots), contents) })
	})
}
