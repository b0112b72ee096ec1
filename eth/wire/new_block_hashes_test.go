// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"math"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
)

func TestAppendNewBlockHashes(t *testing.T) {
	payload := payloadOf(t, "NewBlockHashes", "two blocks")
	want := []BlockName{{deadC0de, 9999}, {feedBeef, math.MaxUint64}}
	equal(t, "two blocks", AppendNewBlockHashes(nil, want), payload)

	m := mustDecode[*NewBlockHashes](t, 65, payload)
	if m.Len() != 2 {
		t.Error(m.Len())
	}
	i := 0
	for hash, number := range m.All() {
		if want[i] != (BlockName{hash, number}) {
			t.Errorf("%v %d, want %v", hash, number, want[i])
		}
		i++
	}
	for range m.All() {
		break
	}
}

func TestNewBlockHashesRefused(t *testing.T) {
	good := list(hashAsItem(1), num(1))
	refuse(t, KindNewBlockHashes, []refusal{
		{"a hash without a number", 68, list(good, list(hashAsItem(2))), rlp.ErrMissing, "blocks[1].number"},
		{"a short hash", 68, list(good, good, list(str("hash"), num(1))), rlp.ErrLength, "blocks[2].hash"},
		{"three elements", 68, list(list(hashAsItem(1), num(1), num(1))), rlp.ErrExtraItems, "blocks[0]"},
		{"bare hashes", 63, list(hashAsItem(1)), rlp.ErrWantList, "blocks[0]"},
		{"a number of nine bytes", 63, list(list(hashAsItem(1), str("123456789"))), rlp.ErrOverflow, "blocks[0].number"},
	})
}
