// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	"errors"
	"fmt"
	"sync"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// Bounds of what a peer keeps.
const (
	maxBlocks = 512
	maxTxs    = 4096
)

// A ledger is what one peer has: the last blocks of the chain, and transactions. It is a
// leaf behind one mutex. What it hands out is immutable.
//
// There is one signer, so that there are no branches: a block goes on top of the last one
// or is none of ours.
type ledger struct {
	signer  types.Address
	chainID uint64

	mu      sync.Mutex // guards what follows
	genesis *block     // kept for ever
	blocks  []*block   // in order, without gaps; the last is the head; never empty
	byHash  map[types.Hash]*block
	txs     *bounded.Map[types.Hash, pooled]
}

// pooled is a transaction of a ledger.
type pooled struct {
	*transaction
	sealed bool // it is in a block
}

var (
	errParent = errors.New("the parent is not the head")
	errOld    = errors.New("the block is below the head")
)

func newLedger(c *params.Chain, signer types.Address) (*ledger, error) {
	body := types.Body{}
	h, err := types.DecodeHeader(c.Genesis)
	if err != nil {
		return nil, err
	}
	genesis, err := readBlock(types.AppendBlock(nil, &h, &body))
	if err != nil {
		return nil, err
	}
	genesis.td = c.GenesisDifficulty
	return &ledger{
		signer: signer, chainID: c.ChainID, genesis: genesis, blocks: []*block{genesis},
		byHash: map[types.Hash]*block{genesis.hash: genesis},
		txs:    bounded.NewMap[types.Hash, pooled](maxTxs, bounded.DropOldest),
	}, nil
}

// addBlock puts a block on top of the head, and takes it over. It reports false if it is
// there already. It fails with errParent or errOld if it does not belong on the head,
// and with other errors if it is no block of this chain.
func (l *ledger) addBlock(b *block) (bool, error) {
	if l.block(b.hash) != nil {
		return false, nil
	}
	switch signer, err := signerOf(&b.Header); {
	case err != nil:
		return false, fmt.Errorf("block %v: %w", b.hash, err)
	case signer != l.signer:
		return false, fmt.Errorf("block %v: %w", b.hash, errSigner)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	head := l.blocks[len(l.blocks)-1]
	switch {
	case l.byHash[b.hash] != nil: // it came from two sides at once
		return false, nil
	case b.Header.Number <= head.Header.Number:
		return false, errOld
	case b.Header.ParentHash != head.hash:
		return false, errParent
	}
	ours, theirs := chain.LinkOf(&head.Header), chain.LinkOf(&b.Header)
	if err := chain.CheckLink(&ours, &theirs); err != nil {
		return false, err
	}
	b.td.Add(&head.td, &b.Header.Difficulty)
	l.put(b)
	return true, nil
}

func (l *ledger) put(b *block) {
	l.blocks = append(l.blocks, b)
	l.byHash[b.hash] = b
	for _, tx := range b.txs {
		if held, ok := l.txs.Get(tx.hash); ok {
			held.sealed = true
			l.txs.Put(tx.hash, held)
		}
	}
	if len(l.blocks) > maxBlocks {
		if gone := l.blocks[0]; gone != l.genesis {
			delete(l.byHash, gone.hash)
		}
		l.blocks[0] = nil
		l.blocks = l.blocks[1:]
	}
}

// addTx keeps a transaction and reports whether it is new.
func (l *ledger) addTx(tx *transaction) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.txs.Has(tx.hash) {
		return false
	}
	return l.txs.Put(tx.hash, pooled{transaction: tx})
}

// tx returns a transaction, or nil.
func (l *ledger) tx(h types.Hash) *transaction {
	l.mu.Lock()
	defer l.mu.Unlock()
	held, _ := l.txs.Get(h)
	return held.transaction
}

// pending returns the transactions that are in no block, in the order of their arrival.
func (l *ledger) pending() (all []*transaction) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, tx := range l.txs.All() {
		if !tx.sealed {
			all = append(all, tx.transaction)
		}
	}
	return all
}

// head returns the last block.
func (l *ledger) head() *block {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.blocks[len(l.blocks)-1]
}

// block returns a block by its hash, or nil.
func (l *ledger) block(h types.Hash) *block {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byHash[h]
}

// at returns a block by its number, or nil.
func (l *ledger) at(number uint64) *block {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := l.blocks[0].Header.Number
	switch {
	case number == 0:
		return l.genesis
	case number < first || number-first >= uint64(len(l.blocks)):
		return nil
	}
	return l.blocks[number-first]
}

// latest is what a Status says of the ledger.
func (l *ledger) latest() eth.Latest {
	l.mu.Lock()
	defer l.mu.Unlock()
	head := l.blocks[len(l.blocks)-1]
	return eth.Latest{
		Number: head.Header.Number, Time: head.Header.Time, Hash: head.hash, TD: head.td,
		Earliest: l.blocks[0].Header.Number,
	}
}
