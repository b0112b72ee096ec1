// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
)

func TestBlockRangeUpdate(t *testing.T) {
	m := BlockRangeUpdate{Earliest: 10, Latest: 10, LatestHash: hash(1)}
	got := mustDecode[*BlockRangeUpdate](t, 69, m.Append(nil, 69))
	if *got != m {
		t.Errorf("%+v, want %+v", *got, m)
	}
}

func TestBlockRangeUpdateRefused(t *testing.T) {
	refuse(t, KindBlockRangeUpdate, []refusal{
		{"earliest after latest", 69, list(num(10), num(8), hashAsItem(1)), ErrRange, "latest"},
		{"zero hash", 71, list(num(8), num(10), hashAsItem(0)), ErrRange, "latestHash"},
		{"no hash", 70, list(num(8), num(10)), rlp.ErrMissing, "latestHash"},
	})
}
