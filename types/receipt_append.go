// SPDX-License-Identifier: Apache-2.0

package types

import (
	"github.com/ethpeer/ethpeer/internal/mpt"
	"github.com/ethpeer/ethpeer/rlp"
)

// AppendBinary appends the consensus bytes, from which the header's receipt root is made
// (EIP-2718): the type, unless it is 0, and the list of outcome, gas, bloom and logs.
func (r *Receipt) AppendBinary(dst []byte) []byte {
	if r.Type != LegacyTx {
		dst = append(dst, r.Type)
	}
	dst = rlp.AppendListHeader(dst, r.sizeFields())
	dst = rlp.AppendBytes(dst, r.Outcome)
	dst = rlp.AppendUint64(dst, r.CumulativeGas)
	dst = rlp.AppendBytes(dst, r.Bloom[:])
	return appendList(dst, r.Logs)
}

// AppendItem appends the receipt as Receipts lists it up to eth/68.
func (r *Receipt) AppendItem(dst []byte) []byte {
	if r.Type != LegacyTx {
		dst = rlp.AppendBytesHeader(dst, 1+rlp.SizeList(r.sizeFields()))
	}
	return r.AppendBinary(dst)
}

// sizeFields returns the size of the consensus list's content.
func (r *Receipt) sizeFields() int {
	return rlp.SizeBytes(r.Outcome) + rlp.SizeUint64(r.CumulativeGas) + rlp.SizeBytes(r.Bloom[:]) +
		rlp.SizeList(len(r.Logs))
}

// AppendFlat appends the receipt as Receipts lists it from eth/69 on (EIP-7642).
func (r *Receipt) AppendFlat(dst []byte) []byte {
	kind := uint64(r.Type)
	dst = rlp.AppendListHeader(dst, rlp.SizeUint64(kind)+rlp.SizeBytes(r.Outcome)+
		rlp.SizeUint64(r.CumulativeGas)+rlp.SizeList(len(r.Logs)))
	dst = rlp.AppendUint64(dst, kind)
	dst = rlp.AppendBytes(dst, r.Outcome)
	dst = rlp.AppendUint64(dst, r.CumulativeGas)
	return appendList(dst, r.Logs)
}

// ReceiptRoot returns the root of a block's receipts, which must equal the header's ReceiptRoot.
// list is the content of the RLP list of receipts, and decode the function for their shape:
// [DecodeReceipt] or [DecodeFlatReceipt]. A wrong bloom filter gives a wrong root.
func ReceiptRoot(list []byte, decode func(item []byte) (Receipt, error)) (Hash, error) {
	n, err := rlp.Count(list, len(list))
	if err != nil {
		return Hash{}, err
	}
	// A flat receipt of 5 bytes has 270 in consensus form, so only one is kept at a time.
	var r Receipt
	var binary []byte
	next := itemsByKey(list)
	root := mpt.IndexRoot(n, func(i int) []byte {
		if err == nil {
			r, err = decode(next(i))
		}
		binary = r.AppendBinary(binary[:0])
		return binary
	})
	if err != nil {
		return Hash{}, err
	}
	return root, nil
}
