// SPDX-License-Identifier: Apache-2.0

// in: letters from readers and owners, batches of the stage, time · out: calls of the machine ·
// goroutines: the loop, and one that recovers senders

package txgossip

import (
	"context"
	"sync"

	"github.com/ethpeer/ethpeer/internal/owner"
)

// Run is the loop. It runs until ctx ends: then it finishes the batch of senders under way, counts what
// waits behind it as lost, and handles what is left in the inbox. It may be called once.
func (g *Gossip) Run(ctx context.Context) {
	loop, stop := context.WithCancel(context.WithoutCancel(ctx))
	var stage sync.WaitGroup
	stage.Go(func() { defer stop(); g.recoverSenders(ctx) })
	defer stage.Wait()
	m := g.machine
	g.loop.Run(
		loop, m,
		owner.Loss{Where: "txgossip.peer", Take: m.takeUntracked},
		owner.Counter("txgossip.table", &m.table.Losses.Table),
		owner.Counter("txgossip.unknown", &m.unknown),
		owner.Counter("txgossip.invalid", &m.invalid),
		owner.Counter("txgossip.chain", &m.otherChain),
		owner.Loss{Where: "txgossip.stage", Take: func() uint64 { return g.stage.lostTxs.Swap(0) }},
		owner.Loss{Where: "txgossip.blocks", Take: func() uint64 { return g.stage.lostBlock.Swap(0) }},
	)
}

// recoverSenders does the work of the stage, a batch of one peer at a time, until ctx ends.
func (g *Gossip) recoverSenders(ctx context.Context) {
	defer g.stage.drain()
	for ctx.Err() == nil {
		b, ok := g.stage.take()
		if !ok {
			select {
			case <-ctx.Done():
			case <-g.stage.ready:
			}
			continue
		}
		do := g.work(&b)
		if !g.slot.Put(ctx.Done(), heardBytes*len(b.all), do) {
			g.slot.Post(0, do) // the last batch: the loop takes what is left
		}
	}
}
