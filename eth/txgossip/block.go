// SPDX-License-Identifier: Apache-2.0

// in: the transactions of blocks, from any goroutine · out: what to record of them · owner: the stage

package txgossip

import (
	"errors"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/types"
)

// A blockBody is the unread transactions of a block.
type blockBody struct {
	at   time.Time
	by   event.Source
	txs  []byte // content of an RLP list
	size int    // of the whole, which stays in memory until all is read

	meter bounded.Meter // to which size is charged; nil = none
}

// FromBlock takes a block's transactions and ends the fetching of those among them: txs is the
// content of their RLP list (devp2p/caps/eth.md#block-encoding-and-validity), as types.Body has it,
// and becomes Gossip's. It never blocks: when the queue is full a block is dropped and counted (see
// the package's limits). Any goroutine may call it.
func (g *Gossip) FromBlock(at time.Time, by event.Source, txs []byte) {
	if len(txs) > 0 {
		g.stage.addBlock(blockBody{at: at, by: by, txs: txs, size: len(txs)})
	}
}

// hearBlock reads transactions of a block, a part of its list. One that cannot be read has no hash,
// and is counted as invalid.
func (g *Gossip) hearBlock(txs []byte) (all []heard) {
	for len(txs) > 0 {
		item, rest := cutItems(txs, 1)
		if len(item) == 0 { // the body was scanned when it was read
			break
		}
		txs = rest
		tx, err := types.DecodeTx(item)
		var h heard
		switch {
		case errors.Is(err, types.ErrInvalidTx):
			h.hash = tx.Hash()
			h.refuse(&tx, invalid)
		case err != nil:
			h.flaw = invalid
		default:
			if h.hash = tx.Hash(); !g.seen.isDone(h.hash) {
				g.read(&h, &tx)
			}
		}
		all = append(all, h)
	}
	return all
}
