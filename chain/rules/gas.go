// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"math"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// How far gas limit and base fee move from block to block (yellow paper, 4.4.4, and
// https://eips.ethereum.org/EIPS/eip-1559#specification).
const (
	minGasLimit      = 5000
	gasLimitQuotient = 1024
	elasticity       = 2
	initialBaseFee   = 1_000_000_000
	baseFeeQuotient  = 8
)

// checkGas checks the gas limit and the gas used.
func checkGas(c *params.Chain, r *params.Rules, parent, h *types.Header) error {
	if h.GasLimit > math.MaxInt64 {
		return broken(h, GasLimit, "is %d, above 2^63-1", h.GasLimit)
	}
	if h.GasUsed > h.GasLimit {
		return broken(h, GasUsed, "is %d, the limit %d", h.GasUsed, h.GasLimit)
	}
	before := parent.GasLimit
	if firstOfLondon(c, r, parent) {
		before *= elasticity
	}
	step := max(h.GasLimit, before) - min(h.GasLimit, before)
	if h.GasLimit < minGasLimit || step >= before/gasLimitQuotient {
		return broken(h, GasLimit, "is %d after %d", h.GasLimit, before)
	}
	return nil
}

func firstOfLondon(c *params.Chain, r *params.Rules, parent *types.Header) bool {
	return r.London && !c.Rules(parent.Number, parent.Time).London
}

func checkBaseFee(c *params.Chain, r *params.Rules, parent, h *types.Header) error {
	if !r.London {
		return nil
	}
	want := uint256.NewInt(initialBaseFee)
	if !firstOfLondon(c, r, parent) {
		fee := NextBaseFee(parent)
		want = &fee
	}
	if h.BaseFee != *want {
		return broken(h, BaseFee, "is %v, not %v", &h.BaseFee, want)
	}
	return nil
}

// NextBaseFee returns the base fee of the block after one that is under London, in wei per gas
// (https://eips.ethereum.org/EIPS/eip-1559#specification).
func NextBaseFee(parent *types.Header) uint256.Int {
	fee := parent.BaseFee
	target := parent.GasLimit / elasticity
	if parent.GasUsed == target || target == 0 {
		return fee
	}
	over := parent.GasUsed > target
	gas := max(parent.GasUsed, target) - min(parent.GasUsed, target)
	// 512 bits in between; the quotient is at most an eighth of the fee.
	step, _ := new(uint256.Int).MulDivOverflow(&fee, uint256.NewInt(gas), uint256.NewInt(target))
	step.Rsh(step, 3) // baseFeeQuotient
	if !over {
		fee.Sub(&fee, step)
		return fee
	}
	if step.IsZero() {
		step.SetOne()
	}
	fee.Add(&fee, step)
	return fee
}
