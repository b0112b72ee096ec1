// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	"sync"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/rlpx"
	"github.com/ethpeer/ethpeer/types"
)

// maxTxs bounds the transactions that a peer keeps, in blocks or not; the oldest make room.
const maxTxs = 4096

// A pool holds the transactions that one peer has. It is a leaf behind one mutex. What it hands
// out is immutable.
type pool struct {
	mu  sync.Mutex
	txs *bounded.Map[types.Hash, pooled] // guarded by mu
}

// pooled is a transaction of a pool.
type pooled struct {
	*transaction
	sealed bool // it is in a block
}

func newPool() *pool {
	return &pool{txs: bounded.NewMap[types.Hash, pooled](maxTxs, bounded.DropOldest)}
}

// add keeps a transaction and reports whether it is new.
func (p *pool) add(tx *transaction) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.txs.Has(tx.hash) {
		return false
	}
	return p.txs.Put(tx.hash, pooled{transaction: tx})
}

// seal notes that a transaction is in a block.
func (p *pool) seal(h types.Hash) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if held, ok := p.txs.Get(h); ok {
		held.sealed = true
		p.txs.Put(h, held)
	}
}

// Pooled implements [serve.Pool]: transactions in blocks are there, too, because a request may follow its announcement late
// (devp2p/caps/eth.md#getpooledtransactions-0x09).
func (p *pool) Pooled(h types.Hash, _ wire.Version) *rlpx.Chunk {
	if tx := p.tx(h); tx != nil {
		return tx.item
	}
	return nil
}

// Cells implements [serve.Pool]: there are no blobs.
func (*pool) Cells(types.Hash, wire.CellMask) [][]byte { return nil }

// tx returns a transaction, or nil.
func (p *pool) tx(h types.Hash) *transaction {
	p.mu.Lock()
	defer p.mu.Unlock()
	held, _ := p.txs.Get(h)
	return held.transaction
}

// pending returns the transactions that are in no block, in the order of their arrival.
func (p *pool) pending() (all []*transaction) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, tx := range p.txs.All() {
		if !tx.sealed {
			all = append(all, tx.transaction)
		}
	}
	return all
}
