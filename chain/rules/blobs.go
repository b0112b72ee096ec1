// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"math"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// Costs of blobs (https://eips.ethereum.org/EIPS/eip-4844#parameters and
// https://eips.ethereum.org/EIPS/eip-7918#parameters).
const (
	gasPerBlob      = 1 << 17
	executionOfBlob = 1 << 13 // BLOB_BASE_COST: gas that a blob's transaction takes at least
)

// checkBlobGas checks the blob gas used and its running excess.
func checkBlobGas(_ *params.Chain, r *params.Rules, parent, h *types.Header) error {
	if !r.Cancun {
		return nil
	}
	limit := r.Blobs.Max
	switch {
	case limit == 0 || r.Blobs.UpdateFraction == 0:
		return broken(h, BlobGas, "the chain has no blob schedule for this block (EIP-7840)")
	case h.BlobGasUsed%gasPerBlob != 0:
		return broken(h, BlobGas, "used is %d, no multiple of %d", h.BlobGasUsed, gasPerBlob)
	case h.BlobGasUsed/gasPerBlob > limit:
		return broken(h, BlobGas, "used is that of %d blobs, the limit is %d", h.BlobGasUsed/gasPerBlob, limit)
	}
	if want := NextExcessBlobGas(r, parent); h.ExcessBlobGas != want {
		return broken(h, BlobGas, "excess is %d, not %d", h.ExcessBlobGas, want)
	}
	return nil
}

// NextExcessBlobGas returns the excess blob gas of the block after parent. The rules are those of
// that block (https://eips.ethereum.org/EIPS/eip-4844#header-extension, from Osaka on
// https://eips.ethereum.org/EIPS/eip-7918#specification). A sum above 64 bits becomes 2^64-1.
func NextExcessBlobGas(r *params.Rules, parent *types.Header) uint64 {
	excess, used := parent.ExcessBlobGas, parent.BlobGasUsed
	sum := excess + used
	if sum < excess {
		sum = math.MaxUint64
	}
	target := r.Blobs.Target * gasPerBlob
	if sum < target {
		return 0
	}
	if r.Osaka && belowReserve(r, parent) {
		grown := used / r.Blobs.Max * (r.Blobs.Max - r.Blobs.Target) // used is a multiple of gasPerBlob
		grown += used % r.Blobs.Max * (r.Blobs.Max - r.Blobs.Target) / r.Blobs.Max
		if excess+grown < excess {
			return math.MaxUint64
		}
		return excess + grown
	}
	return sum - target
}

// belowReserve reports whether a blob costs less than the execution that it pays for.
func belowReserve(r *params.Rules, parent *types.Header) bool {
	price, ok := BlobBaseFee(parent.ExcessBlobGas, r.Blobs.UpdateFraction)
	if !ok {
		return false
	}
	blob, over := new(uint256.Int).MulOverflow(&price, uint256.NewInt(gasPerBlob))
	if over {
		return false
	}
	reserve, over := new(uint256.Int).MulOverflow(&parent.BaseFee, uint256.NewInt(executionOfBlob))
	return over || reserve.Gt(blob)
}

// BlobBaseFee returns the price of blob gas, in wei: e^(excess/fraction), as the specification's
// fake_exponential approximates it. It is false where price times fraction has more than 256
// bits, or fraction is 0 (https://eips.ethereum.org/EIPS/eip-4844#helpers).
func BlobBaseFee(excess, fraction uint64) (price uint256.Int, ok bool) {
	const maxExponent = 178 // e^178 > 2^256, and the loop below ends after some 500 rounds
	if fraction == 0 || excess/fraction >= maxExponent {
		return price, false
	}
	var sum uint256.Int
	term, numerator := uint256.NewInt(fraction), uint256.NewInt(excess)
	for i := uint64(1); !term.IsZero(); i++ {
		var over bool
		if _, over = sum.AddOverflow(&sum, term); over {
			return price, false
		}
		divisor := new(uint256.Int).Mul(uint256.NewInt(fraction), uint256.NewInt(i))
		if _, over = term.MulDivOverflow(term, numerator, divisor); over {
			return price, false
		}
	}
	price.Div(&sum, uint256.NewInt(fraction))
	return price, true
}
