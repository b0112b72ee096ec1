// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/types"
)

// Bounds of what is remembered of a peer's knowledge (devp2p/caps/eth.md#transaction-exchange); the
// oldest makes room. A forgotten item may be sent once more, which is harmless. Gossip about a
// transaction or a block ends within seconds, and the bounds cover minutes.
const (
	maxKnownTxs    = 8192
	maxKnownBlocks = 256
)

// known is what the peer has sent to us or received from us. A set is made with its first entry,
// because many sessions never have one.
type known struct {
	txs, blocks *bounded.Set[types.Hash]
}

// mark adds to a set and reports whether the entry is new.
func mark(set **bounded.Set[types.Hash], limit int, h types.Hash) bool {
	if *set == nil {
		made := bounded.NewSet[types.Hash](limit, bounded.DropOldest)
		*set = &made
	}
	return (*set).Add(h)
}

func (k *known) markTx(h types.Hash) bool   { return mark(&k.txs, maxKnownTxs, h) }
func (k *known) markBlock(h types.Hash)     { mark(&k.blocks, maxKnownBlocks, h) }
func (k *known) hasBlock(h types.Hash) bool { return k.blocks != nil && k.blocks.Has(h) }

// MarkTx notes that the peer knows a transaction, because it sent or announced it. Any goroutine may
// call it and the functions below.
func (s *Session) MarkTx(h types.Hash) {
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	s.outbox.known.markTx(h)
}

// MarkBlock notes that the peer has a block, because it has told us.
func (s *Session) MarkBlock(h types.Hash) {
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	s.outbox.known.markBlock(h)
}

// KnowsTx reports whether a transaction is among the last 8,192 that the peer sent, announced or
// received (devp2p/caps/eth.md#transactions-0x02 forbids to send one back).
func (s *Session) KnowsTx(h types.Hash) bool {
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	return s.outbox.known.txs != nil && s.outbox.known.txs.Has(h)
}

// KnowsBlock reports the same of a block, among the last 256
// (devp2p/caps/eth.md#block-propagation).
func (s *Session) KnowsBlock(h types.Hash) bool {
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	return s.outbox.known.hasBlock(h)
}
