// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/types"
)

// Bounds of what is remembered of a peer's knowledge; the oldest makes room. What is
// forgotten may be told once more, which is harmless. Gossip about a transaction or a block
// is over within seconds, so that minutes of it are enough.
const (
	maxKnownTxs    = 8192
	maxKnownBlocks = 256
)

// known is what the peer knows: it told us, or we told it. Sets are made with the first
// that they hold: a session whose roles only listen has none.
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

func (k *known) markTx(h types.Hash) bool    { return mark(&k.txs, maxKnownTxs, h) }
func (k *known) markBlock(h types.Hash) bool { return mark(&k.blocks, maxKnownBlocks, h) }

// MarkTx notes that the peer knows a transaction, because it has told us. It may be called
// from anywhere, as may all that follows.
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

// KnowsTx reports whether the peer is known to know a transaction: it told us, or we told
// it, among the last 8,192.
func (s *Session) KnowsTx(h types.Hash) bool {
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	return s.outbox.known.txs != nil && s.outbox.known.txs.Has(h)
}

// KnowsBlock reports the same of a block, among the last 256.
func (s *Session) KnowsBlock(h types.Hash) bool {
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	return s.outbox.known.blocks != nil && s.outbox.known.blocks.Has(h)
}
