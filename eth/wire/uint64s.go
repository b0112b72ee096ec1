// SPDX-License-Identifier: Apache-2.0

package wire

import "github.com/ethpeer/ethpeer/rlp"

// readUint64s reads a list of at most limit integers of at most 64 bits. It returns the content,
// which [uint64Item] reads, and the number of integers. An announcement has thousands, so it
// checks them without the cursor; if something is wrong, the cursor reads them again to find
// where.
func readUint64s(c *rlp.Cursor, name string, limit int) (content []byte, n int) {
	c.List(name)
	content = c.Remaining()
	for rest := content; len(rest) > 0; n++ {
		_, size := uint64Item(rest)
		if size == 0 || n == limit {
			return nil, explainUint64s(c, limit)
		}
		rest = rest[size:]
	}
	c.EndOpen()
	return content, n
}

// explainUint64s leaves the error in the cursor.
func explainUint64s(c *rlp.Cursor, limit int) (n int) {
	for ; c.More(); n++ {
		c.Uint64("")
		if n == limit {
			c.Fail("", rlp.ErrTooMany)
		}
	}
	c.End()
	return n
}

// uint64Item reads the integer at the front of b, which must not be empty. It returns the integer
// and how many bytes it takes: 0 if it is not a canonical integer of at most 64 bits.
func uint64Item(b []byte) (v uint64, size int) {
	first := b[0]
	if first < 0x80 {
		if first == 0 {
			return 0, 0 // zero is the empty byte string
		}
		return uint64(first), 1
	}
	n := int(first) - 0x80
	if n > 8 || n >= len(b) {
		return 0, 0
	}
	for _, d := range b[1 : 1+n] {
		v = v<<8 | uint64(d)
	}
	if n > 0 && (b[1] == 0 || v < 0x80) {
		return 0, 0
	}
	return v, 1 + n
}
