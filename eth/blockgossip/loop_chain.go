// SPDX-License-Identifier: Apache-2.0

// in: changes of the chain, waiting blocks, time · out: imports, BlockRangeUpdates, heads by gossip · goroutine: the
// importer's

package blockgossip

import (
	"context"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
)

// syncPoll is how often the end of a synchronisation is looked for.
const syncPoll = time.Second

// A follower is what happens because the chain has changed. Owner: the importer's goroutine.
type follower struct {
	*importer
	ranges  *ranges
	believe func(head.Believed)
	gossips bool // the head is the heaviest chain of gossiped blocks
	proved  bool // seals are checked

	head    chain.Ref // that was told
	syncing bool      // when last looked
	late    bool      // blocks were held that waited for too long to be passed on
}

// run imports blocks that had to wait, and tells peers and the operator of the chain's head, until ctx ends.
func (f *follower) run(ctx context.Context, cursor *chain.Cursor) {
	defer cursor.Close()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for ctx.Err() == nil {
		if next := f.turn(time.Now()); !next.IsZero() {
			timer.Reset(time.Until(next))
		}
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-f.wake:
		case <-cursor.C():
			for more := true; more; { // only the head counts, which turn reads
				_, more = cursor.Take()
			}
		}
	}
}

// turn does what is due, and returns when it must be called next; the zero time if nothing waits.
func (f *follower) turn(now time.Time) (next time.Time) {
	ready := f.ready(now)
	for _, b := range ready {
		f.late = f.late || b.backlog(now) && !b.future
		if err := f.take(now, b); err != nil && b.from != nil {
			b.from.session.Fail(p2p.Breach("block: %w", err))
		}
	}
	current := f.chain.Head()
	next = f.tellRange(now, &current)
	syncing := f.importer.syncing()
	caughtUp := f.syncing || f.late && len(ready) == 0
	if caughtUp && !syncing && f.gossips && current.Number > 0 {
		f.relay.announce(current.Hash, current.Number)
		f.late = false
	}
	if f.syncing = syncing; syncing {
		next = sooner(next, now.Add(syncPoll))
	}
	if f.gossips && current.Ref != f.head && current.Number > 0 {
		f.head = current.Ref
		f.believe(head.Believed{
			Ref: current.Ref, Header: f.chain.Header(current.Hash), By: event.HeadByGossip, Proved: f.proved,
			Supporters: f.relay.knowing(current.Hash), At: now,
		})
	}
	return sooner(next, f.importer.next(now))
}

// tellRange tells the peers that are due which blocks we have (devp2p/caps/eth.md#blockrangeupdate-0x11).
func (f *follower) tellRange(now time.Time, current *chain.Head) (next time.Time) {
	due, next := f.ranges.due(now, current.Ref)
	for _, s := range due {
		s.TellRange(wire.BlockRangeUpdate{
			Earliest: min(f.chain.Earliest(), current.Number), Latest: current.Number, LatestHash: current.Hash,
		})
	}
	return next
}
