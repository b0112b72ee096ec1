// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"context"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// blockBody is what FromBlock was told.
type blockBody struct {
	at  time.Time
	by  event.Source
	txs []byte
}

// FromBlock tells of a block's transactions, which end the fetching of those among them:
// txs is the content of the RLP list of them, as types.Body has it, and Gossip's to keep.
// It waits if 16 bodies wait already, and is safe for use by several goroutines.
func (g *Gossip) FromBlock(at time.Time, by event.Source, txs []byte) {
	if len(txs) == 0 {
		return
	}
	select {
	case g.blocks <- blockBody{at, by, txs}:
	case <-g.ended:
	}
}

// readBlocks does for blocks what a peer's reader does for messages. When ctx ends, what
// waits is left: the sessions have ended before.
func (g *Gossip) readBlocks(ctx context.Context) {
	slot := g.loop.Open()
	for {
		select {
		case <-ctx.Done():
			return
		case b := <-g.blocks:
			all := g.hearBlock(b.txs)
			slot.Put(ctx.Done(), heardBytes*len(all), func(m *machine, now time.Time) {
				m.act(now, m.fetch.onBodies(m.tell(b.at, b.by, event.ViaBlock, all)))
			})
		}
	}
}

// hearBlock reads the transactions of a block. One that cannot be read is counted as
// invalid: its hash is not known.
func (g *Gossip) hearBlock(txs []byte) (all []heard) {
	for len(txs) > 0 {
		_, _, rest, err := rlp.Split(txs)
		if err != nil {
			break // the body was scanned when it was read
		}
		tx, err := types.DecodeTx(txs[:len(txs)-len(rest)])
		txs = rest
		var h heard
		switch {
		case err != nil:
			h.invalid = true
		default:
			if h.hash = tx.Hash(); !g.ledger.isDone(h.hash) {
				h.read(&tx)
			}
		}
		all = append(all, h)
	}
	return all
}
