// SPDX-License-Identifier: Apache-2.0

package rlp

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"
)

// deep returns a list in a list in a list, levels of them.
func deep(levels int) []byte {
	heads := make([][]byte, levels)
	size := 0
	for i := range heads {
		heads[i] = AppendListHeader(nil, size)
		size += len(heads[i])
	}
	slices.Reverse(heads)
	return bytes.Join(heads, nil)
}

// Nothing here recurses: a million levels take no stack, and no memory.
func TestAttackNesting(t *testing.T) {
	bomb := deep(1_000_000)
	for _, depth := range []int{0, 1, MaxDepth, 64, math.MaxInt} {
		if err := Valid(bomb, depth); !errors.Is(err, ErrDepth) {
			t.Errorf("at most %d levels: %v", depth, err)
		}
	}
	c := Read(bomb)
	opened := 0
	for ; c.More(); opened++ {
		c.List("")
	}
	if err := c.Done(); !errors.Is(err, ErrDepth) || opened != MaxDepth+1 {
		t.Errorf("opened %d levels: %v", opened, err)
	}
	if n := testing.AllocsPerRun(10, func() {
		c := Read(bomb)
		c.Skip("bomb")
		if err := c.Done(); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("skipping it takes %v allocations", n)
	}
}

// Every size that a header can state and the input does not have, up to the largest, around
// which sums overflow.
func TestAttackDeclaredSizes(t *testing.T) {
	sizes := []uint64{20, 56, 1 << 16, 1<<24 - 1, 1<<31 - 1, 1 << 31, 1<<32 - 1, 1 << 32, 1<<63 - 10, 1<<63 - 1, 1 << 63, math.MaxUint64 - 9, math.MaxUint64}
	for _, size := range sizes {
		for _, base := range []byte{0x80, 0xc0} {
			head := hugeHeader(base, size)
			in := append(head, "some more"...)
			wrapped := append(AppendListHeader(nil, len(in)), in...)
			for name, read := range map[string]func() error{
				"Split": func() error { _, _, _, err := Split(in); return err },
				"Count": func() error { _, err := Count(in, 10); return err },
				"Valid": func() error { return Valid(in, 10) },
				"inner": func() error { return Valid(wrapped, 10) },
				"Raw":   func() error { c := Read(in); c.Raw("x"); return c.Done() },
				"List":  func() error { c := Read(in); c.List("x"); c.EndOpen(); return c.Done() },
				"Bytes": func() error { c := Read(in); c.Bytes("x"); return c.Done() },
				"in a list": func() error {
					c := Read(wrapped)
					c.List("list")
					c.Raw("x")
					c.EndOpen()
					return c.Done()
				},
			} {
				if err := read(); err == nil {
					t.Errorf("%s accepts %x", name, in)
				}
			}
		}
	}
}

// hugeHeader writes the header of an item of size bytes, which package rlp itself cannot: its
// sizes are ints.
func hugeHeader(base byte, size uint64) []byte {
	if size < 56 {
		return []byte{base + byte(size)}
	}
	var digits []byte
	for ; size > 0; size >>= 8 {
		digits = append([]byte{byte(size)}, digits...)
	}
	return append([]byte{base + 55 + byte(len(digits))}, digits...)
}

// Counting stops at the limit, not at the end of ten million items.
func TestAttackItemFlood(t *testing.T) {
	for _, item := range []byte{0xc0, 0x80, 0x00} {
		flood := bytes.Repeat([]byte{item}, 10<<20)
		n, err := Count(flood, 1024)
		var place *Error
		if !errors.Is(err, ErrTooMany) || n != 1024 || !errors.As(err, &place) || place.Offset != 1024 {
			t.Errorf("%x: %d items, %v", item, n, err)
		}
	}
}

// A number of millions of digits is too large after the first few.
func TestAttackLongInteger(t *testing.T) {
	long := AppendBytes(nil, bytes.Repeat([]byte{1}, 10<<20))
	for name, read := range map[string]func(*Cursor){
		"Uint64":  func(c *Cursor) { c.Uint64("n") },
		"Integer": func(c *Cursor) { c.Integer("n", 32) },
		"Bool":    func(c *Cursor) { c.Bool("n") },
		"Fixed":   func(c *Cursor) { c.Fixed("n", make([]byte, 32)) },
	} {
		c := Read(long)
		read(&c)
		if c.Done() == nil {
			t.Errorf("%s accepts it", name)
		}
	}
}
