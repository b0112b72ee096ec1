// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/rlpx"
	"github.com/ethpeer/ethpeer/types"
)

// The methods below tell a peer something that it has not asked for. They may be called
// from anywhere and never block: what they are given waits in a bounded queue until the
// socket can take it. Where a queue is full its oldest entry is dropped, and counted as an
// event.Loss in "outbox.blocks", "outbox.announcements" or "outbox.transactions" when the
// session ends. What the peer knows already is left out; what is queued it counts as
// knowing. A message that the session's version does not have is left out, too.

// TellBlock queues a message about a block: a NewBlock or a NewBlockHashes, with the hash
// of the one block that it is about. The payload is encoded, and may serve many sessions.
func (s *Session) TellBlock(kind wire.Kind, h types.Hash, payload *rlpx.Chunk) {
	row := kind.Row()
	s.outbox.mu.Lock()
	tell := row.In(s.version) && s.outbox.known.markBlock(h)
	if tell {
		s.outbox.addBlock(row, payload)
	}
	s.outbox.mu.Unlock()
	if tell {
		s.peer.Wake()
	}
}

// TellRange queues a BlockRangeUpdate. Peers want few of them: one in 32 blocks (EIP-7642).
func (s *Session) TellRange(m wire.BlockRangeUpdate) {
	row := wire.KindBlockRangeUpdate.Row()
	if !row.In(s.version) {
		return
	}
	s.outbox.mu.Lock()
	s.outbox.addBlock(row, rlpx.NewChunk(m.Append(nil, s.version)))
	s.outbox.mu.Unlock()
	s.peer.Wake()
}

// AnnounceTxs queues the hashes of transactions. The peer may request them, so they must be
// available (devp2p/caps/eth.md#newpooledtransactionhashes-0x08).
func (s *Session) AnnounceTxs(txs ...wire.Announced) {
	if !wire.KindNewPooledTransactionHashes.Row().In(s.version) {
		return
	}
	s.outbox.mu.Lock()
	for _, tx := range txs {
		if s.outbox.known.markTx(tx.Hash) {
			s.outbox.addAnnounced(tx)
		}
	}
	s.outbox.mu.Unlock()
	s.peer.Wake()
}

// SendTxs queues whole transactions. A blob transaction must not be among them
// (devp2p/caps/eth.md#transactions-0x02): announce it.
func (s *Session) SendTxs(txs ...OutTx) {
	s.outbox.mu.Lock()
	for _, tx := range txs {
		if s.outbox.known.markTx(tx.Hash) {
			s.outbox.addTx(tx)
		}
	}
	s.outbox.mu.Unlock()
	s.peer.Wake()
}
