// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"math"
	"slices"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
)

func TestAppendAnnouncement(t *testing.T) {
	eachVector(t, func(t *testing.T, x *vector, row *Row, v Version) {
		if row.Kind != KindNewPooledTransactionHashes {
			return
		}
		m := mustDecode[*NewPooledTransactionHashes](t, v, x.payload)
		all := slices.Collect(m.All())
		if len(all) != m.Len() || m.Typed != (v >= 68) {
			t.Fatalf("%v: %v: %d of %d, typed %v", x, v, len(all), m.Len(), m.Typed)
		}
		if m.Masked || v < 72 {
			equal(t, x.name, AppendCellAnnouncement(nil, v, all, m.Mask), x.payload)
		}
		if m.Mask.Len() == 0 && (m.Masked || v < 72) {
			equal(t, x.name, AppendAnnouncement(nil, v, all), x.payload)
		}
	})
}

// Sizes take one to nine bytes; each length must be found again.
func TestAnnouncedSizes(t *testing.T) {
	var all []Announced
	for bits := range 65 {
		size := uint64(math.MaxUint64) >> (64 - bits)
		all = append(all, Announced{Hash: hash(byte(bits)), Type: byte(bits), Size: size, Typed: true})
	}
	m := mustDecode[*NewPooledTransactionHashes](t, 68, AppendAnnouncement(nil, 68, all))
	if got := slices.Collect(m.All()); !slices.Equal(got, all) {
		t.Errorf("%v\nwant %v", got, all)
	}
	for range m.All() {
		break
	}
}

func TestAnnouncementRefused(t *testing.T) {
	two := list(hashAsItem(1), hashAsItem(2))
	refuse(t, KindNewPooledTransactionHashes, []refusal{
		{"three types", 68, list(str("\x02\x02\x02"), list(num(1), num(2)), two), ErrUneven, "hashes"},
		{"one size", 68, list(str("\x02\x02"), list(num(1)), two), ErrUneven, "hashes"},
		{"three sizes", 68, list(str("\x02\x02"), list(num(1), num(2), num(3)), two), ErrUneven, "hashes"},
		{"one hash", 68, list(str("\x02\x02"), list(num(1), num(2)), list(hashAsItem(1))), ErrUneven, "hashes"},
		{"types are a list", 68, list(list(num(2), num(2)), list(num(1), num(2)), two), rlp.ErrWantBytes, "types"},
		{"a size with a leading zero", 68, list(str("\x02\x02"), list(num(1), str("\x00\x01")), two), rlp.ErrLeadingZero, "sizes[1]"},
		{"a size that is the byte 0", 68, list(str("\x02\x02"), list(num(1), []byte{0}), two), rlp.ErrLeadingZero, "sizes[1]"},
		{"a size in a form that is too long", 68, list(str("\x02\x02"), list(num(1), []byte{0x81, 0x7f}), two), rlp.ErrNotCanonical, "sizes[1]"},
		{"a size of nine bytes", 68, list(str("\x02\x02"), list(num(1), str("123456789")), two), rlp.ErrOverflow, "sizes[1]"},
		{"a size that is cut", 68, list(str("\x02\x02"), list(num(1), []byte{0x82, 0x7f}), two), rlp.ErrTruncated, "sizes[1]"},
		{"a size that is a list", 68, list(str("\x02\x02"), list(num(1), list()), two), rlp.ErrWantBytes, "sizes[1]"},
		{"no mask", 72, list(str("\x02\x02"), list(num(1), num(2)), two), rlp.ErrMissing, "cellMask"},
		{"a mask of 15 bytes", 72, list(str("\x02\x02"), list(num(1), num(2)), two, str("123456789012345")), rlp.ErrLength, "cellMask"},
		{"a mask that is a list", 72, list(str("\x02\x02"), list(num(1), num(2)), two, list()), rlp.ErrWantBytes, "cellMask"},
		{"a mask too early", 71, list(str("\x02\x02"), list(num(1), num(2)), two, str(mask(""))), rlp.ErrExtraItems, ""},
		{"bare hashes", 68, two, rlp.ErrWantList, "sizes"},
		{"types and sizes", 67, list(str("\x02\x02"), list(num(1), num(2)), two), rlp.ErrLength, "hashes[0]"},
		{"a hash of 33 bytes", 65, list(hashAsItem(1), str("a hash should not be of 33 bytes!")), rlp.ErrLength, "hashes[1]"},
	})
}
