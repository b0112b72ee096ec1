// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// Constants of the difficulty (yellow paper, 4.4.4; https://eips.ethereum.org/EIPS/eip-2).
const (
	minDifficulty      = 131_072
	difficultyQuotient = 2048
	maxSlowdown        = 99 // quotients by which a late block lowers the difficulty at most
	bombPeriod         = 100_000

	// Classic held the bomb from one block for so many (ECIP-1010).
	classicPause  = 3_000_000
	classicLength = 2_000_000
)

// NextDifficulty returns the difficulty of a mined block of this time after parent. The rules are
// the block's. time must be later than the parent's.
func NextDifficulty(c *params.Chain, r *params.Rules, parent *types.Header, time uint64) (d uint256.Int) {
	if c.Ethash != nil && c.Ethash.FixedDifficulty > 0 {
		d.SetUint64(c.Ethash.FixedDifficulty)
		return d
	}
	step := new(uint256.Int).Rsh(&parent.Difficulty, 11) // difficultyQuotient
	faster, quotients := pace(r, parent, time-parent.Time)
	step.Mul(step, uint256.NewInt(quotients))
	d = parent.Difficulty
	if faster {
		d.Add(&d, step)
	} else if _, below := d.SubOverflow(&d, step); below {
		d.Clear()
	}
	if d.LtUint64(minDifficulty) {
		d.SetUint64(minDifficulty)
	}
	if period := bombPeriodOf(c, r, parent.Number+1); period > 1 {
		bomb := uint256.NewInt(0).Lsh(uint256.NewInt(1), uint(period-2))
		if _, over := d.AddOverflow(&d, bomb); over || period-2 > 255 {
			d.SetAllOne() // more than any header may have
		}
	}
	return d
}

// pace returns by how many quotients a block so many seconds after its parent moves the
// difficulty, and whether up.
func pace(r *params.Rules, parent *types.Header, after uint64) (faster bool, quotients uint64) {
	up, seconds := uint64(1), uint64(10) // https://eips.ethereum.org/EIPS/eip-2
	switch {
	case !r.Homestead:
		return after < 13, 1
	case r.Byzantium: // https://eips.ethereum.org/EIPS/eip-100
		seconds = 9
		if parent.UncleHash != types.EmptyUncleHash {
			up = 2
		}
	}
	down := after / seconds
	if down <= up {
		return true, up - down
	}
	return false, min(down-up, maxSlowdown)
}

// bombPeriodOf returns in which period of the bomb a block is: from 2 on the bomb adds
// 2^(period-2) to the difficulty.
func bombPeriodOf(c *params.Chain, r *params.Rules, number uint64) uint64 {
	delay, ok := bombDelay(c, r, number)
	if !ok || number < delay {
		return 0
	}
	return (number - delay) / bombPeriod
}

// bombDelay returns by how many blocks the bomb is late; false = it was removed.
func bombDelay(c *params.Chain, r *params.Rules, number uint64) (delay uint64, ok bool) {
	if disposed, classic := classicDisposal(c); classic {
		if number >= disposed { // ECIP-1041
			return 0, false
		}
		return min(max(number, classicPause)-classicPause, classicLength), true
	}
	switch {
	case r.GrayGlacier: // https://eips.ethereum.org/EIPS/eip-5133
		return 11_400_000, true
	case r.ArrowGlacier: // https://eips.ethereum.org/EIPS/eip-4345
		return 10_700_000, true
	case r.London: // https://eips.ethereum.org/EIPS/eip-3554
		return 9_700_000, true
	case r.MuirGlacier: // https://eips.ethereum.org/EIPS/eip-2384
		return 9_000_000, true
	case r.Constantinople: // https://eips.ethereum.org/EIPS/eip-1234
		return 5_000_000, true
	case r.Byzantium: // https://eips.ethereum.org/EIPS/eip-649
		return 3_000_000, true
	}
	return 0, true
}

// classicDisposal returns from which block on a chain of the Classic family has no bomb.
func classicDisposal(c *params.Chain) (at uint64, classic bool) {
	if at, classic = c.Forks.At("disposalBlock"); classic {
		return at, true
	}
	_, classic = c.Forks.At("atlantisBlock")
	return 0, classic
}
