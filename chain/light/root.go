// SPDX-License-Identifier: Apache-2.0

package light

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// A Root is an SSZ hash tree root (SHA-256): of a beacon block, a beacon state or a part of one
// (consensus-specs/ssz/simple-serialize.md#merkleization).
type Root [32]byte

// ParseRoot reads 64 hexadecimal digits, with or without 0x before them.
func ParseRoot(s string) (r Root, err error) {
	if err := unhex(r[:], strings.TrimPrefix(s, "0x")); err != nil {
		return Root{}, fmt.Errorf("light: root: %w", err)
	}
	return r, nil
}

// String returns 0x and 64 hexadecimal digits.
func (r Root) String() string { return "0x" + hex.EncodeToString(r[:]) }

// IsZero reports whether r is all zeros.
func (r Root) IsZero() bool { return r == Root{} }

// UnmarshalText reads 0x and 64 hexadecimal digits.
func (r *Root) UnmarshalText(b []byte) error { return unhexText(r[:], b) }

// unhexText fills dst with what 0x and hexadecimal digits state: no more and no fewer bytes.
func unhexText(dst, text []byte) error {
	digits, ok := strings.CutPrefix(string(text), "0x")
	if !ok {
		return fmt.Errorf("%.12q does not begin with 0x", text)
	}
	return unhex(dst, digits)
}

func unhex(dst []byte, digits string) error {
	if len(digits) != hex.EncodedLen(len(dst)) {
		return fmt.Errorf("%d hexadecimal digits, want %d", len(digits), hex.EncodedLen(len(dst)))
	}
	if _, err := hex.Decode(dst, []byte(digits)); err != nil {
		return fmt.Errorf("%.12q has characters that are not hexadecimal digits", digits)
	}
	return nil
}
