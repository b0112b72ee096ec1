// SPDX-License-Identifier: Apache-2.0

package params

import (
	"encoding/hex"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/internal/mpt"
	"github.com/ethpeer/ethpeer/types"
)

// initialBaseFee is the base fee of the first London block, in wei (EIP-1559).
const initialBaseFee = 1_000_000_000

// Hashes of what a genesis block has none of.
var (
	emptyRoot     = types.Hash(mpt.EmptyRoot)
	emptyList     = types.Hash(keccak.Sum256([]byte{0xc0}))                                  // uncles; block access list (EIP-7928)
	emptyRequests = hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855") // SHA-256 of nothing (EIP-7685)
)

// newHeader returns the header of a genesis block as it was before London.
func newHeader(root types.Hash, difficulty *uint256.Int, gasLimit, time uint64) *types.Header {
	return &types.Header{
		UncleHash:   emptyList,
		Root:        root,
		TxRoot:      emptyRoot,
		ReceiptRoot: emptyRoot,
		Difficulty:  *difficulty,
		GasLimit:    gasLimit,
		Time:        time,
	}
}

// addFields gives a genesis header the optional fields of a fork: the withdrawals root (EIP-4895),
// the hash of requests (EIP-7685), and that of the block access list (EIP-7928).
func addFields(h *types.Header, fields types.OptionalFields) {
	h.Optional = fields
	if fields >= types.ShanghaiFields {
		h.WithdrawalsRoot = emptyRoot
	}
	if fields >= types.PragueFields {
		h.RequestsHash = emptyRequests
	}
	if fields >= types.AmsterdamFields {
		h.BlockAccessListHash = emptyList
	}
}

// hash reads a literal.
func hash(digits string) (h types.Hash) {
	if n, err := hex.Decode(h[:], []byte(digits)); err != nil || n != len(h) {
		panic("params: " + digits + " is no hash")
	}
	return h
}
