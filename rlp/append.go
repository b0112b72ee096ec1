// SPDX-License-Identifier: Apache-2.0

package rlp

import "math/bits"

// AppendBytes appends b as a byte string. Like all Append functions here it returns the
// extended slice, and copies what it appends.
func AppendBytes(dst, b []byte) []byte {
	if len(b) == 1 && b[0] < 0x80 {
		return append(dst, b[0])
	}
	dst = appendHeader(dst, 0x80, len(b))
	return append(dst, b...)
}

// AppendString appends s as a byte string.
func AppendString(dst []byte, s string) []byte {
	if len(s) == 1 && s[0] < 0x80 {
		return append(dst, s[0])
	}
	dst = appendHeader(dst, 0x80, len(s))
	return append(dst, s...)
}

// AppendUint64 appends v as an integer: its big-endian bytes without leading zeros (yellow paper,
// appendix B).
func AppendUint64(dst []byte, v uint64) []byte {
	if v == 0 {
		return append(dst, 0x80)
	}
	if v < 0x80 {
		return append(dst, byte(v))
	}
	n := (bits.Len64(v) + 7) / 8
	dst = append(dst, 0x80+byte(n))
	for i := n - 1; i >= 0; i-- {
		dst = append(dst, byte(v>>(8*i)))
	}
	return dst
}

// AppendInteger appends the big-endian number in b, of any length, as an integer, without its
// leading zeros.
func AppendInteger(dst, b []byte) []byte {
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	return AppendBytes(dst, b)
}

// AppendBool appends false as 0x80 and true as 0x01.
func AppendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, 0x01)
	}
	return append(dst, 0x80)
}

// AppendBytesHeader appends the header of a byte string of size bytes. The caller appends the
// bytes next. A single byte below 0x80 has no header: use [AppendBytes] if size can be 1.
func AppendBytesHeader(dst []byte, size int) []byte { return appendHeader(dst, 0x80, size) }

// AppendListHeader appends the header of a list of items that take size bytes in all. The
// caller appends the items next.
func AppendListHeader(dst []byte, size int) []byte { return appendHeader(dst, 0xc0, size) }

// OpenList begins a list of unknown size. Append the items, then call [CloseList] with the
// returned mark. Lists nest.
func OpenList(dst []byte) (_ []byte, mark int) { return dst, len(dst) }

// CloseList ends the list that began at mark: it moves the items and writes the header before
// them.
func CloseList(dst []byte, mark int) []byte {
	size := len(dst) - mark
	var buf [9]byte
	h := appendHeader(buf[:0], 0xc0, size)
	dst = append(dst, h...)
	copy(dst[mark+len(h):], dst[mark:mark+size])
	copy(dst[mark:], h)
	return dst
}

// SizeBytes returns how many bytes AppendBytes appends for b.
func SizeBytes(b []byte) int {
	if len(b) == 1 && b[0] < 0x80 {
		return 1
	}
	return headerSize(len(b)) + len(b)
}

// SizeUint64 returns how many bytes AppendUint64 appends for v.
func SizeUint64(v uint64) int {
	if v < 0x80 {
		return 1
	}
	return 1 + (bits.Len64(v)+7)/8
}

// SizeList returns how many bytes a list takes, header included, if its items take size bytes.
func SizeList(size int) int { return headerSize(size) + size }

func headerSize(size int) int {
	if size < 56 {
		return 1
	}
	return 1 + (bits.Len64(uint64(size))+7)/8
}

// appendHeader appends a header; base is 0x80 for a byte string and 0xc0 for a list.
func appendHeader(dst []byte, base byte, size int) []byte {
	if size < 56 {
		return append(dst, base+byte(size))
	}
	n := (bits.Len64(uint64(size)) + 7) / 8
	dst = append(dst, base+55+byte(n))
	for i := n - 1; i >= 0; i-- {
		dst = append(dst, byte(size>>(8*i)))
	}
	return dst
}
