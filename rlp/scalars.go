// SPDX-License-Identifier: Apache-2.0

package rlp

// Bytes reads a byte string and returns its content, borrowed from the input.
func (c *Cursor) Bytes(name string) []byte {
	b, head, ok := c.peekBytes(name)
	if !ok {
		return nil
	}
	c.consume(head + len(b))
	return b
}

// BytesMax reads a byte string of at most limit bytes, or fails with [ErrTooLong]. It is
// borrowed, as that of Bytes.
func (c *Cursor) BytesMax(name string, limit int) []byte {
	b, head, ok := c.peekBytes(name)
	if !ok {
		return nil
	}
	if len(b) > limit {
		c.fail(name, ErrTooLong)
		return nil
	}
	c.consume(head + len(b))
	return b
}

// Fixed copies a byte string into dst, which must be exactly as long, or fails with
// [ErrLength].
func (c *Cursor) Fixed(name string, dst []byte) {
	b, head, ok := c.peekBytes(name)
	switch {
	case !ok:
	case len(b) != len(dst):
		c.fail(name, ErrLength)
	default:
		copy(dst, b)
		c.consume(head + len(b))
	}
}

// Integer reads an unsigned integer of at most limit bytes, or fails with [ErrOverflow]. It
// returns the big-endian bytes without leading zeros, borrowed from the input; zero is the
// empty slice.
func (c *Cursor) Integer(name string, limit int) []byte {
	b, head, ok := c.peekBytes(name)
	switch {
	case !ok:
		return nil
	case len(b) > limit:
		c.fail(name, ErrOverflow)
		return nil
	case len(b) > 0 && b[0] == 0:
		c.fail(name, ErrLeadingZero)
		return nil
	}
	c.consume(head + len(b))
	return b
}

// Uint64 reads an unsigned integer of at most 64 bits, without leading zeros (yellow paper,
// appendix B), or fails with [ErrOverflow] or [ErrLeadingZero].
func (c *Cursor) Uint64(name string) (v uint64) {
	for _, b := range c.Integer(name, 8) {
		v = v<<8 | uint64(b)
	}
	return v
}

// Bool reads 0x80 as false and 0x01 as true, and fails with [ErrNotBool] for other values.
func (c *Cursor) Bool(name string) bool {
	b, head, ok := c.peekBytes(name)
	if !ok {
		return false
	}
	if len(b) > 1 || len(b) == 1 && b[0] != 1 {
		c.fail(name, ErrNotBool)
		return false
	}
	c.consume(head + len(b))
	return len(b) == 1
}

// peekBytes returns the content of the next item, which must be a byte string, and the length
// of its header.
func (c *Cursor) peekBytes(name string) (b []byte, head int, ok bool) {
	k, head, size, ok := c.peek(name)
	if !ok {
		return nil, 0, false
	}
	if k != Bytes {
		c.fail(name, ErrWantBytes)
		return nil, 0, false
	}
	start := c.off + head
	return c.in[start : start+size : start+size], head, true
}
