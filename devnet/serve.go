// SPDX-License-Identifier: Apache-2.0

// in: requests · out: answers from the store

package devnet

import (
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/rlpx"
)

// answer answers every request, if need be with an empty list
// (devp2p/caps/eth.md#protocol-messages).
func (p *peer) answer(s *eth.Session, m wire.Message) error {
	reply := wire.Reply{Kind: m.Kind().Row().Reply}
	row := reply.Kind.Row()
	v := s.Version()
	var items [][]byte
	switch m := m.(type) {
	case *wire.GetBlockHeaders:
		reply.ID, items = m.ID, p.headers(m, row)
	case *wire.GetBlockBodies:
		reply.ID, items = m.ID, p.ofBlocks(m.Hashes, row, func(b *block) []byte { return b.body })
	case *wire.GetReceipts:
		reply.ID = m.ID
		blocks, first := p.withHashes(m.Hashes, row), m.FirstIndex
		return s.Answer(reply, pointerBytes*len(blocks), func(dst []byte) []byte {
			return reply.Append(dst, v, receiptLists(blocks, first, v, row))
		})
	case *wire.GetPooledTransactions:
		reply.ID = m.ID
		return s.AnswerChunks(reply, p.pooled(m.Hashes, row))
	case *wire.GetBlockAccessLists:
		reply.ID = m.ID
		for range min(m.Hashes.Len(), row.SendItems) {
			items = append(items, noAccessList)
		}
	case *wire.GetCells:
		reply.ID = m.ID // there are no blobs
		return s.Answer(reply, 0, func(dst []byte) []byte { return reply.AppendEmpty(dst, v) })
	case *wire.GetNodeData:
		reply.ID = m.ID // there is no state
	}
	return s.Answer(reply, sliceBytes*len(items), func(dst []byte) []byte { return reply.Append(dst, v, items) })
}

// noAccessList stands for a block access list that the network does not have (EIP-8159).
var noAccessList = wire.AppendNoAccessList(nil)

// sliceBytes is what an item costs that waits to be sent: a slice of what the store holds.
const sliceBytes = 24

// pointerBytes is what a block costs whose receipts wait to be made.
const pointerBytes = 8

// withHashes returns the blocks up to the first one that the store does not have: receipts end there
// (devp2p/caps/eth.md#receipts-0x10).
func (p *peer) withHashes(hashes wire.Hashes, row *wire.Row) (blocks []*block) {
	for _, h := range hashes.All() {
		b := p.store.block(h)
		if b == nil || len(blocks) == row.SendItems {
			break
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// receiptLists makes the receipts of blocks, without the first few of the first block
// (devp2p/caps/eth.md#getreceipts-0x0f).
func receiptLists(blocks []*block, first uint64, v wire.Version, row *wire.Row) (items [][]byte) {
	size := 0
	for _, b := range blocks {
		if size >= row.SendBytes {
			break
		}
		list := b.receipts(v, first)
		items, first = append(items, list), 0
		size += len(list)
	}
	return items
}

// headers answers a query, up to the first missing header
// (devp2p/caps/eth.md#getblockheaders-0x03).
func (p *peer) headers(q *wire.GetBlockHeaders, row *wire.Row) (items [][]byte) {
	number := q.Origin.Number
	if q.Origin.ByHash {
		b := p.store.block(q.Origin.Hash)
		if b == nil {
			return nil
		}
		number = b.Header.Number
	}
	size := 0
	for uint64(len(items)) < min(q.Amount, uint64(row.SendItems)) && size < row.SendBytes {
		b := p.store.at(number)
		if b == nil {
			break
		}
		items = append(items, b.Header.Raw)
		size += len(b.Header.Raw)
		step := q.Skip + 1
		next := number + step
		if q.Reverse {
			next = number - step
		}
		if step == 0 || q.Reverse != (next < number) { // beyond the numbers that there are
			break
		}
		number = next
	}
	return items
}

// ofBlocks answers a list of hashes with something of each block that is there.
func (p *peer) ofBlocks(hashes wire.Hashes, row *wire.Row, of func(*block) []byte) (items [][]byte) {
	size := 0
	for _, h := range hashes.All() {
		if len(items) == row.SendItems || size >= row.SendBytes {
			break
		}
		if b := p.store.block(h); b != nil {
			item := of(b)
			items = append(items, item)
			size += len(item)
		}
	}
	return items
}

// pooled answers with the transactions that the pool has, in blocks or not, because a request may
// follow its announcement late (devp2p/caps/eth.md#getpooledtransactions-0x09).
func (p *peer) pooled(hashes wire.Hashes, row *wire.Row) (items []*rlpx.Chunk) {
	size := 0
	for _, h := range hashes.All() {
		if len(items) == row.SendItems || size >= row.SendBytes {
			break
		}
		if tx := p.pool.tx(h); tx != nil {
			items = append(items, tx.item)
			size += len(tx.item.Bytes())
		}
	}
	return items
}
