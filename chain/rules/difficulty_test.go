// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"math"
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// TestNextDifficulty: each era by hand; interop/oracle compares with go-ethereum at random.
func TestNextDifficulty(t *testing.T) {
	const d = 1 << 40
	const step = d / 2048
	for _, tt := range []struct {
		name   string
		chain  string
		number uint64 // of the block
		after  uint64 // seconds
		uncles bool   // the parent has some
		want   uint64
	}{
		{"frontier, fast", "mainnet", 1000, 12, false, d + step},
		{"frontier, slow", "mainnet", 1000, 13, false, d - step},
		{"frontier, the bomb", "mainnet", 1_000_000, 12, false, d + step + 1<<8},
		{"homestead, fast", "mainnet", 1_150_000, 9, false, d + step + 1<<9},
		{"homestead, even", "mainnet", 1_150_000, 19, false, d + 1<<9},
		{"homestead, slow", "mainnet", 1_150_000, 20, false, d - step + 1<<9},
		{"homestead, very slow", "mainnet", 1_150_000, 5000, false, d - 99*step + 1<<9},
		{"byzantium delays the bomb", "mainnet", 4_370_000, 9, false, d + 1<<11},
		{"byzantium, uncles", "mainnet", 4_370_000, 9, true, d + step + 1<<11},
		{"constantinople", "mainnet", 7_280_000, 9, false, d + 1<<20},
		{"muir glacier", "mainnet", 9_200_000, 9, false, d + 1<<0},
		{"london", "mainnet", 12_965_000, 9, false, d + 1<<30},
		{"arrow glacier", "mainnet", 13_773_000, 9, false, d + 1<<28},
		{"gray glacier", "mainnet", 15_050_000, 9, false, d + 1<<34},
		{"classic, before the pause", "classic", 2_999_999, 19, false, d + 1<<27},
		{"classic, the pause", "classic", 3_100_000, 19, false, d + 1<<28},
		{"classic, the end of the pause", "classic", 4_999_999, 19, false, d + 1<<28},
		{"classic, after it", "classic", 5_100_000, 19, false, d + 1<<29},
		{"classic, disposed", "classic", 5_900_000, 19, false, d},
		{"classic, atlantis", "classic", 8_772_000, 9, true, d + step},
		{"mordor has no bomb", "mordor", 9_000_000, 9, false, d},
	} {
		c, _ := params.ByName(tt.chain)
		r := c.Rules(tt.number, 1_500_000_000)
		parent := types.Header{Number: tt.number - 1, Time: 1_500_000_000, UncleHash: types.EmptyUncleHash, Difficulty: *uint256.NewInt(d)}
		if tt.uncles {
			parent.UncleHash[0]++
		}
		if got := NextDifficulty(c, &r, &parent, parent.Time+tt.after); !got.Eq(uint256.NewInt(tt.want)) {
			t.Errorf("%s: %v, want %d (off by %d)", tt.name, &got, tt.want, int64(got.Uint64())-int64(tt.want))
		}
	}
}

func TestDifficultyEnds(t *testing.T) {
	c, _ := params.ByName("mainnet")
	r := c.Rules(2_000_000, 0)
	small := types.Header{Number: 100, Difficulty: *uint256.NewInt(1000), UncleHash: types.EmptyUncleHash}
	if got := NextDifficulty(c, &r, &small, 1e6); !got.Eq(uint256.NewInt(minDifficulty)) {
		t.Errorf("below the minimum: %v", &got)
	}
	last := types.Header{Number: math.MaxUint64 - 1, Difficulty: *uint256.NewInt(1000), UncleHash: types.EmptyUncleHash}
	if got := NextDifficulty(c, &r, &last, 10); !got.Eq(new(uint256.Int).SetAllOne()) {
		t.Errorf("the bomb of the last block: %v", &got)
	}
	fixed := &params.Chain{Ethash: &params.Ethash{FixedDifficulty: 42}}
	if got := NextDifficulty(fixed, &r, &small, 10); !got.Eq(uint256.NewInt(42)) {
		t.Errorf("Besu's fixed difficulty: %v", &got)
	}
}
