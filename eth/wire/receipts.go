// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// GetReceipts asks for the receipts of blocks (devp2p/caps/eth.md#getreceipts-0x0f):
//
//	eth/63–65  [hash, …]
//	eth/66–69  [id, [hash, …]]
//	eth/70     [id, firstIndex, [hash, …]]
type GetReceipts struct {
	ID         uint64
	FirstIndex uint64 // number of receipts of the first block to leave out; from eth/70 on (EIP-7975)
	Hashes     Hashes
}

// Receipts answers GetReceipts (devp2p/caps/eth.md#receipts-0x10):
//
//	eth/63–65  [[receipt, …], …]
//	eth/66–69  [id, [[receipt, …], …]]
//	eth/70     [id, lastIncomplete, [[receipt, …], …]]
//
// An item is the list of a block's receipts. Up to eth/68 receipts have the consensus form with
// bloom; from eth/69 on they are [type, status or root, gas, logs] (EIP-7642). An incomplete reply
// without a receipt is an error: requests for the rest would not end.
type Receipts struct {
	ID             uint64
	LastIncomplete bool // the last block has more receipts; from eth/70 on
	List
}

// Kind returns KindGetReceipts.
func (*GetReceipts) Kind() Kind { return KindGetReceipts }

// Kind returns KindReceipts.
func (*Receipts) Kind() Kind { return KindReceipts }

func (m *GetReceipts) decode(c *rlp.Cursor, row *Row, v Version) {
	m.ID, m.FirstIndex = openEnvelope(c, v), 0
	if v >= partialReceiptLists {
		m.FirstIndex = c.Uint64("firstIndex")
	}
	m.Hashes = readAsked(c, row.Items)
	closeEnvelope(c, v)
}

// Append implements [Message].
func (m *GetReceipts) Append(dst []byte, v Version) []byte {
	dst = appendReceiptsQuery(dst, v, m.ID, m.FirstIndex, len(m.Hashes.content))
	return append(dst, m.Hashes.content...)
}

// appendReceiptsQuery appends the part before hashes that take size bytes.
func appendReceiptsQuery(dst []byte, v Version, id, first uint64, size int) []byte {
	if v < partialReceiptLists {
		dst = appendEnvelope(dst, v, id, rlp.SizeList(size))
	} else {
		dst = appendEnvelope(dst, v, id, rlp.SizeUint64(first)+rlp.SizeList(size))
		dst = rlp.AppendUint64(dst, first)
	}
	return rlp.AppendListHeader(dst, size)
}

func (m *Receipts) decode(c *rlp.Cursor, row *Row, v Version) {
	m.ID, m.LastIncomplete = openEnvelope(c, v), false
	if v >= partialReceiptLists {
		m.LastIncomplete = c.Bool("lastIncomplete")
	}
	m.List = readList(c, "receipts", row.Items, lists)
	if m.LastIncomplete && (m.Len() == 0 || m.Len() == 1 && len(m.Content()) == 1) {
		c.Fail("receipts", ErrNoProgress)
	}
	closeEnvelope(c, v)
}

// Append implements [Message].
func (m *Receipts) Append(dst []byte, v Version) []byte {
	return Reply{Kind: KindReceipts, ID: m.ID, LastIncomplete: m.LastIncomplete}.appendAgain(dst, v, m.List)
}

// ReceiptsRequest asks for the receipts of blocks.
type ReceiptsRequest struct {
	// FirstIndex is how many receipts of the first block to leave out, because an earlier
	// reply had them. It is not sent before eth/70, where all receipts of a block come at once.
	FirstIndex uint64
	Hashes     []types.Hash
}

// ReceiptLists is the reply to a [ReceiptsRequest]: the raw list of receipts of each block, in the
// order of the request, up to the block at which the peer stopped. It owns its bytes.
type ReceiptLists struct {
	List
	// LastIncomplete is set if the last block has more receipts. Request them with the same
	// request ID (EIP-7975), from that block on, with the next FirstIndex.
	LastIncomplete bool
}

// Ask implements [Request].
func (ReceiptsRequest) Ask() Kind { return KindGetReceipts }

// Append implements [Request].
func (r ReceiptsRequest) Append(dst []byte, v Version, id uint64) []byte {
	dst = appendReceiptsQuery(dst, v, id, r.FirstIndex, hashItem*len(r.Hashes))
	return appendHashItems(dst, r.Hashes)
}

// ParseReply implements [Request].
func (r ReceiptsRequest) ParseReply(v Version, payload []byte) (ReceiptLists, error) {
	var m Receipts
	if err := parseReply(v, payload, &m, uint64(len(r.Hashes))); err != nil {
		return ReceiptLists{}, err
	}
	return ReceiptLists{List: m.List, LastIncomplete: m.LastIncomplete}, nil
}
