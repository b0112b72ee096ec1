// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/rlpx"
	"github.com/ethpeer/ethpeer/types"
)

// The methods below send a peer unrequested messages. Any goroutine may call them, and they never
// block: each message waits in a bounded queue until the socket can take it. What a full queue drops is
// counted as an event.Loss in "outbox.blocks", "outbox.announcements" or "outbox.transactions" when the
// session ends. They skip what the peer knows, and note what they queue as known. They also skip a message
// that the session's version does not have.

// TellBlock queues a NewBlock or a NewBlockHashes about one block, with its hash
// (devp2p/caps/eth.md#block-propagation). The payload is encoded, and may serve many sessions. TellBlock
// reports whether it queued the message: it did not if the peer knows the block, if the session has no
// such message ([Session.GossipsBlocks]), or if four messages of the kind wait already. The block then
// stays unknown to the peer, and may be told later.
func (s *Session) TellBlock(kind wire.Kind, h types.Hash, payload *rlpx.Chunk) bool {
	row := kind.Row()
	if _, ok := s.dialect.Lookup(s.version, row.Code); !ok {
		return false
	}
	s.outbox.mu.Lock()
	told := s.outbox.addBlock(row, h, payload)
	s.outbox.mu.Unlock()
	if told {
		s.peer.Wake()
	}
	return told
}

// GossipsBlocks reports whether NewBlock and NewBlockHashes can be sent in the session: up to eth/68, and
// in later versions where the chain has no consensus layer (EIP-3675).
func (s *Session) GossipsBlocks() bool {
	_, ok := s.dialect.Lookup(s.version, wire.KindNewBlock.Row().Code)
	return ok
}

// TellRange queues a BlockRangeUpdate (devp2p/caps/eth.md#blockrangeupdate-0x11), in place of one that
// still waits. EIP-7642 asks for at most one in 32 blocks.
func (s *Session) TellRange(m wire.BlockRangeUpdate) {
	row := wire.KindBlockRangeUpdate.Row()
	if !row.In(s.version) {
		return
	}
	s.outbox.mu.Lock()
	s.outbox.latest = rlpx.NewChunk(m.Append(nil, s.version))
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
