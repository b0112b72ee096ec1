// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"fmt"

	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// CellsRequest asks for the cells in Mask of every blob of transactions.
type CellsRequest struct {
	Hashes []types.Hash // each once
	Mask   CellMask
}

// CellGroups is the reply to a [CellsRequest]: hashes of the request, each at most once, with cells
// of indices of the request. It owns its bytes. The caller checks how many blobs each transaction
// has, and that the cells are theirs.
type CellGroups struct{ Cells }

// Ask implements [Request].
func (CellsRequest) Ask() Kind { return KindGetCells }

// Append implements [Request].
func (r CellsRequest) Append(dst []byte, v Version, id uint64) []byte {
	size := hashItem * len(r.Hashes)
	dst = appendEnvelope(dst, v, id, rlp.SizeList(size)+maskItem)
	dst = rlp.AppendListHeader(dst, size)
	dst = appendHashItems(dst, r.Hashes)
	return rlp.AppendBytes(dst, r.Mask[:])
}

// ParseReply implements [Request]. It fails with [ErrNotAsked] for hashes and cells that were not
// requested.
func (r CellsRequest) ParseReply(v Version, payload []byte) (CellGroups, error) {
	var m Cells
	if err := parseReply(v, payload, &m, uint64(len(r.Hashes))); err != nil {
		return CellGroups{}, err
	}
	if !m.Mask.Within(r.Mask) {
		return CellGroups{}, fmt.Errorf("%v Cells: %w: cell mask %x", v, ErrNotAsked, m.Mask[:])
	}
	open := make(map[types.Hash]struct{}, len(r.Hashes))
	for _, h := range r.Hashes {
		open[h] = struct{}{}
	}
	for _, h := range m.Hashes.All() {
		if _, ok := open[h]; !ok {
			return CellGroups{}, fmt.Errorf("%v Cells: %w: cells of %v, or twice", v, ErrNotAsked, h)
		}
		delete(open, h)
	}
	return CellGroups{m}, nil
}

// TxCells is the cells of one transaction's blobs, to be sent.
type TxCells struct {
	Hash  types.Hash
	Cells [][]byte // of types.CellSize bytes each, in the order of [Cells]
}

// AppendCells appends the reply to a request for cells, with the cells in mask. The caller observes
// the row's Items and SendBytes.
func AppendCells(dst []byte, v Version, id uint64, mask CellMask, txs []TxCells) []byte {
	groups := 0
	for i := range txs {
		groups += rlp.SizeList(cellItem * len(txs[i].Cells))
	}
	hashes := hashItem * len(txs)
	dst = appendEnvelope(dst, v, id, rlp.SizeList(hashes)+rlp.SizeList(groups)+maskItem)
	dst = rlp.AppendListHeader(dst, hashes)
	for i := range txs {
		dst = rlp.AppendBytes(dst, txs[i].Hash[:])
	}
	dst = rlp.AppendListHeader(dst, groups)
	for i := range txs {
		dst = rlp.AppendListHeader(dst, cellItem*len(txs[i].Cells))
		for _, cell := range txs[i].Cells {
			dst = rlp.AppendBytes(dst, cell)
		}
	}
	return rlp.AppendBytes(dst, mask[:])
}
