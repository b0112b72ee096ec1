// SPDX-License-Identifier: Apache-2.0

package wire

import "github.com/ethpeer/ethpeer/rlp"

// A Reply answers a request with raw items: headers, bodies, transactions, receipts. They are
// written as they came, never encoded again. Use [AppendCells] for cells.
type Reply struct {
	Kind           Kind   // of the reply
	ID             uint64 // of the request; not sent before eth/66
	LastIncomplete bool   // of Receipts from eth/70 on: the last block has more receipts
}

// AppendHead appends the part before the items, which take size bytes in all. The items follow raw,
// in the same slice or as chunks of the message.
func (r Reply) AppendHead(dst []byte, v Version, size int) []byte {
	partial := r.Kind == KindReceipts && v >= partialReceiptLists
	body := rlp.SizeList(size)
	if partial {
		body++
	}
	dst = appendEnvelope(dst, v, r.ID, body)
	if partial {
		dst = rlp.AppendBool(dst, r.LastIncomplete)
	}
	return rlp.AppendListHeader(dst, size)
}

// Append appends the whole reply. Each item is raw, with its RLP header. The caller observes the
// SendItems and SendBytes of the reply's row.
func (r Reply) Append(dst []byte, v Version, items [][]byte) []byte {
	dst = r.AppendHead(dst, v, sizeOf(items))
	return appendItems(dst, items)
}

// AppendEmpty appends the reply without items. It holds for all kinds of reply, [KindCells] too.
func (r Reply) AppendEmpty(dst []byte, v Version) []byte {
	if r.Kind == KindCells {
		return (&Cells{ID: r.ID}).Append(dst, v)
	}
	r.LastIncomplete = false // which promises at least one receipt
	return r.Append(dst, v, nil)
}

// decodeReply reads a reply of only items: [id, [item, …]].
func decodeReply(c *rlp.Cursor, row *Row, v Version, name string, want shape) (id uint64, l List) {
	id = openEnvelope(c, v)
	l = readList(c, name, row.Items, want)
	closeEnvelope(c, v)
	return id, l
}

// appendAgain appends the reply with a list as it was read.
func (r Reply) appendAgain(dst []byte, v Version, l List) []byte {
	dst = r.AppendHead(dst, v, len(l.content))
	return append(dst, l.content...)
}
