// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// MaxBlock is the largest block in bytes of RLP, from Osaka on: 10 MiB, of which 2 MiB are left
// for what a beacon block adds (https://eips.ethereum.org/EIPS/eip-7934#specification).
const MaxBlock = 8 << 20

// The least gas that a transaction uses.
const (
	minTxGas          = 21_000 // the intrinsic gas (yellow paper, 6.2); no refund goes below it since London (EIP-3529)
	minTxGasRefunded  = 10_500 // before London: a refund is at most half of the gas used
	minTxGasAmsterdam = 4_500  // the least of all drafts of https://eips.ethereum.org/EIPS/eip-2780, the last has 12,000
)

// MinTxGas returns the least gas that each transaction of a block uses. The header's fields show the
// block's fork.
func MinTxGas(h *types.Header) uint64 {
	switch {
	case h.Optional >= types.AmsterdamFields:
		return minTxGasAmsterdam
	case h.Optional >= types.LondonFields:
		return minTxGas
	}
	return minTxGasRefunded
}

// CheckBody checks that a body is the header's, and what it shows by itself: the block's size,
// that there is gas for as many transactions, and the gas of their blobs. The header must have
// passed [Check]. It hashes the body last.
func CheckBody(c *params.Chain, h *types.Header, b *types.Body) error {
	r := c.Rules(h.Number, h.Time)
	if size := blockSize(h, b); r.Osaka && size > MaxBlock {
		return broken(h, Size, "is %d bytes, the limit is %d (EIP-7934)", size, MaxBlock)
	}
	if b.HasWithdrawals != h.HasWithdrawals() {
		return broken(h, Withdrawals, "the body has them: %t, the header: %t", b.HasWithdrawals, h.HasWithdrawals())
	}
	if n := uint64(b.TxCount()); n*MinTxGas(h) > h.GasUsed {
		return broken(h, GasUsed, "is %d, too little for %d transactions", h.GasUsed, n)
	}
	if err := checkBlobs(&r, h, b); err != nil {
		return err
	}
	if !b.Matches(h) {
		return broken(h, Body, "is not the header's: the roots differ")
	}
	return nil
}

// blockSize returns how many bytes of RLP header and body are as one block.
func blockSize(h *types.Header, b *types.Body) int {
	header := len(h.Raw)
	if header == 0 {
		header = len(h.Append(nil))
	}
	lists := rlp.SizeList(len(b.Txs)) + rlp.SizeList(len(b.Uncles))
	if b.HasWithdrawals {
		lists += rlp.SizeList(len(b.Withdrawals))
	}
	return rlp.SizeList(header + lists)
}

// checkBlobs checks that the blob gas used is that of the body's blobs
// (https://eips.ethereum.org/EIPS/eip-4844#gas-accounting).
func checkBlobs(r *params.Rules, h *types.Header, b *types.Body) error {
	blobs := uint64(0)
	for txs := b.Txs; len(txs) > 0; {
		kind, content, rest, err := rlp.Split(txs)
		if err != nil {
			return broken(h, Body, "the transactions are no list: %v", err)
		}
		item := txs[:len(txs)-len(rest)]
		txs = rest
		if kind == rlp.List || len(content) == 0 || content[0] != types.BlobTx {
			continue
		}
		tx, err := types.DecodeTx(item)
		switch {
		case !r.Cancun:
			return broken(h, Body, "has a blob transaction before Cancun")
		case err != nil:
			return broken(h, Body, "has a blob transaction that cannot be: %v", err)
		case tx.Sidecar.Present():
			return broken(h, Body, "has a blob transaction with its sidecar")
		}
		blobs += uint64(tx.BlobCount())
	}
	if blobs*gasPerBlob != h.BlobGasUsed {
		return broken(h, BlobGas, "used is %d, the body has %d blobs", h.BlobGasUsed, blobs)
	}
	return nil
}
