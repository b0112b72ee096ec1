// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	"errors"
	"fmt"
	"sync"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// maxBlocks bounds the blocks that a peer keeps; the oldest make room.
const maxBlocks = 512

// A store holds the last blocks of the chain that one peer has. It is a leaf behind one mutex.
// What it hands out is immutable.
//
// There is one signer, and so no branches: a block goes on top of the head or is refused.
type store struct {
	signer  types.Address
	chainID uint64
	pool    *pool // of the same peer

	mu      sync.Mutex // guards what follows
	genesis *block     // kept for ever
	blocks  []*block   // in order, without gaps; the last is the head; never empty
	byHash  map[types.Hash]*block
}

var (
	errParent = errors.New("the parent is not the head")
	errOld    = errors.New("the block is below the head")
)

func newStore(c *params.Chain, signer types.Address) (*store, error) {
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
	return &store{
		signer: signer, chainID: c.ChainID, genesis: genesis, blocks: []*block{genesis},
		byHash: map[types.Hash]*block{genesis.hash: genesis}, pool: newPool(),
	}, nil
}

// addBlock puts a block on top of the head, and takes it over. It reports false if it is
// there already. It fails with errParent or errOld if it does not belong on the head,
// and with other errors if it is no block of this chain.
func (s *store) addBlock(b *block) (bool, error) {
	if s.block(b.hash) != nil {
		return false, nil
	}
	switch signer, err := signerOf(&b.Header); {
	case err != nil:
		return false, fmt.Errorf("block %v: %w", b.hash, err)
	case signer != s.signer:
		return false, fmt.Errorf("block %v: %w", b.hash, errSigner)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	head := s.blocks[len(s.blocks)-1]
	switch {
	case s.byHash[b.hash] != nil: // it came from two sides at once
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
	s.put(b)
	return true, nil
}

func (s *store) put(b *block) {
	s.blocks = append(s.blocks, b)
	s.byHash[b.hash] = b
	s.pool.seal(b.txs)
	if len(s.blocks) > maxBlocks {
		if gone := s.blocks[0]; gone != s.genesis {
			delete(s.byHash, gone.hash)
		}
		s.blocks[0] = nil
		s.blocks = s.blocks[1:]
	}
}

// head returns the last block.
func (s *store) head() *block {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.blocks[len(s.blocks)-1]
}

// block returns a block by its hash, or nil.
func (s *store) block(h types.Hash) *block {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byHash[h]
}

// at returns a block by its number, or nil.
func (s *store) at(number uint64) *block {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.blocks[0].Header.Number
	switch {
	case number == 0:
		return s.genesis
	case number < first || number-first >= uint64(len(s.blocks)):
		return nil
	}
	return s.blocks[number-first]
}

// latest returns the store's head and range for a Status (devp2p/caps/eth.md#status-0x00).
func (s *store) latest() eth.Latest {
	s.mu.Lock()
	defer s.mu.Unlock()
	head := s.blocks[len(s.blocks)-1]
	return eth.Latest{
		Number: head.Header.Number, Time: head.Header.Time, Hash: head.hash, TD: head.td,
		Earliest: s.blocks[0].Header.Number,
	}
}
