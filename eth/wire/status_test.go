// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
)

// One Status, written in every version, says what that version can say.
func TestStatusShapes(t *testing.T) {
	full := Status{
		NetworkID: 7, TD: *uint256.NewInt(1 << 40), Head: hash(1), Genesis: hash(2),
		ForkID:   params.ForkID{Hash: [4]byte{0, 1, 2, 3}, Next: 1 << 33},
		Earliest: 5, Latest: 6,
	}
	for v := First; v <= Last; v++ {
		full.Version = v
		want := full
		if v < 64 {
			want.ForkID = params.ForkID{}
		}
		if v < 69 {
			want.Earliest, want.Latest = 0, 0
		} else {
			want.TD.Clear()
		}
		if got := mustDecode[*Status](t, v, full.Append(nil, v)); *got != want {
			t.Errorf("%v: %+v\nwant %+v", v, *got, want)
		}
	}
}

func TestStatusRefused(t *testing.T) {
	forkID := list(str("\x01\x02\x03\x04"), num(0))
	refuse(t, KindStatus, []refusal{
		{"fork ID of 3 bytes", 64, list(num(64), num(1), num(1), hashAsItem(1), hashAsItem(2), list(str("\x01\x02\x03"), num(0))), rlp.ErrLength, "forkID.hash"},
		{"fork ID in eth/63", 63, list(num(63), num(1), num(1), hashAsItem(1), hashAsItem(2), forkID), rlp.ErrExtraItems, ""},
		{"no fork ID in eth/64", 64, list(num(64), num(1), num(1), hashAsItem(1), hashAsItem(2)), rlp.ErrMissing, "forkID"},
		{"total difficulty of 33 bytes", 65, list(num(65), num(1), str("123456789012345678901234567890123"), hashAsItem(1), hashAsItem(2), forkID), rlp.ErrOverflow, "td"},
		{"short genesis hash", 68, list(num(68), num(1), num(1), hashAsItem(1), str("genesis"), forkID), rlp.ErrLength, "genesis"},
		{"shape of eth/68 in eth/69", 69, list(num(69), num(1), num(1), hashAsItem(1), hashAsItem(2), forkID), rlp.ErrLength, "genesis"},
		{"earliest after latest", 69, list(num(69), num(1), hashAsItem(2), forkID, num(10), num(8), hashAsItem(1)), ErrRange, "latest"},
		{"zero hash", 71, list(num(71), num(1), hashAsItem(2), forkID, num(8), num(10), hashAsItem(0)), ErrRange, "latestHash"},
	})
}
