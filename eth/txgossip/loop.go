// SPDX-License-Identifier: Apache-2.0

// in: letters from readers and owners, bodies of blocks, time · out: calls of the machine ·
// goroutines: the loop, and one that reads the transactions of blocks

package txgossip

import (
	"context"
	"sync"

	"github.com/ethpeer/ethpeer/internal/owner"
)

// Run is the loop. It runs until ctx ends and then handles what is left in the inbox. It
// may be called once.
func (g *Gossip) Run(ctx context.Context) {
	var blocks sync.WaitGroup
	blocks.Go(func() { g.readBlocks(ctx) })
	defer blocks.Wait()
	m := g.machine
	g.loop.Run(
		ctx, m,
		owner.Counter("txgossip.peer", &m.table.Losses.PerPeer),
		owner.Counter("txgossip.table", &m.table.Losses.Table),
		owner.Counter("txgossip.unknown", &m.unknown),
		owner.Counter("txgossip.invalid", &m.invalid),
		owner.Loss{Where: "txgossip.blocks", Take: g.blocks.takeDropped},
	)
}

// readBlocks reads the transactions of blocks, which takes long where senders are to be
// recovered: a part of one peer's block at a time, then a part of the next peer's.
func (g *Gossip) readBlocks(ctx context.Context) {
	for {
		part, ok := g.blocks.take()
		if !ok {
			select {
			case <-ctx.Done():
				return
			case <-g.blocks.ready:
			}
			continue
		}
		all := g.hearBlock(part.txs)
		if !g.blocks.slot.Put(ctx.Done(), heardBytes*len(all), part.letter(all)) {
			return
		}
	}
}
