// SPDX-License-Identifier: Apache-2.0

package rlp

import (
	"bytes"
	"errors"
	"testing"
)

// block is what the tests below read: [[hash, number, extra], [[nonce, data]…], flag].
type block struct {
	hash   [4]byte
	number uint64
	extra  []byte
	nonces []uint64
	data   [][]byte
	flag   bool
}

func readBlock(in []byte) (b block, err error) {
	c := Read(in)
	c.List("block")
	c.List("header")
	c.Fixed("hash", b.hash[:])
	b.number = c.Uint64("number")
	b.extra = c.BytesMax("extra", 3)
	c.End()
	c.List("txs")
	for c.More() {
		c.List("")
		b.nonces = append(b.nonces, c.Uint64("nonce"))
		b.data = append(b.data, c.Raw("data"))
		c.End()
	}
	c.End()
	b.flag = c.Bool("flag")
	c.End()
	return b, c.Done()
}

const goodBlock = "d7 cb 84deadbeef 820100 820102 c9 c2 07 80 c5 05 c3010203 01"

func TestRead(t *testing.T) {
	b, err := readBlock(unhex(t, goodBlock))
	if err != nil {
		t.Fatal(err)
	}
	if b.hash != [4]byte{0xde, 0xad, 0xbe, 0xef} || b.number != 256 || !bytes.Equal(b.extra, []byte{1, 2}) || !b.flag ||
		len(b.nonces) != 2 || b.nonces[0] != 7 || b.nonces[1] != 5 || !bytes.Equal(b.data[1], []byte{0xc3, 1, 2, 3}) {
		t.Errorf("%+v", b)
	}
}

func TestReadTruncated(t *testing.T) {
	in := unhex(t, goodBlock)
	for n := range in {
		_, err := readBlock(in[:n])
		want := ErrTruncated
		if n == 0 {
			want = ErrMissing
		}
		if !errors.Is(err, want) {
			t.Errorf("%d bytes of %d: %v", n, len(in), err)
		}
	}
}

// TestErrors: what is wrong, where, and in which field.
func TestErrors(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"", "rlp: block: item is missing (byte 0)"},
		{"80", "rlp: block: want a list, have a byte string (byte 0)"},
		{"f9", "rlp: block: item is longer than the input (byte 0)"},
		{"c0", "rlp: block.header: item is missing (byte 1)"},
		{"c1 c0", "rlp: block.header.hash: item is missing (byte 2)"},
		{"c3 c2 83ff", "rlp: block.header.hash: item is longer than the input (byte 2)"},
		{"c5 c4 83ffffff", "rlp: block.header.hash: byte string has the wrong length (byte 2)"},
		{"c2 c1 c0", "rlp: block.header.hash: want a byte string, have a list (byte 2)"},
		{"c8 c7 84deadbeef 8100", "rlp: block.header.number: item has a shorter form (byte 7)"},
		{"c7 c6 84deadbeef 00", "rlp: block.header.number: integer has a leading zero (byte 7)"},
		{"d0 cf 84deadbeef 89010000000000000000", "rlp: block.header.number: integer is too large (byte 7)"},
		{"cc cb 84deadbeef 01 8401020304", "rlp: block.header.extra: byte string is too long (byte 8)"},
		{"c9 c8 84deadbeef 01 80 07", "rlp: block.header[3]: list has too many items (byte 9)"},
		{"c8 c7 84deadbeef 01 80", "rlp: block.txs: item is missing (byte 9)"},
		{"ca c7 84deadbeef 01 80 c1 05", "rlp: block.txs[0]: want a list, have a byte string (byte 10)"},
		{"cd c7 84deadbeef 01 80 c4 c2 0101 05", "rlp: block.txs[1]: want a list, have a byte string (byte 13)"},
		{"cd c7 84deadbeef 01 80 c4 c2 0101 c0", "rlp: block.txs[1].nonce: item is missing (byte 14)"},
		{"d0 c7 84deadbeef 01 80 c7 c2 0101 c3 010203", "rlp: block.txs[1][2]: list has too many items (byte 16)"},
		{"ca c7 84deadbeef 01 80 c0 02", "rlp: block.flag: boolean is neither 0 nor 1 (byte 10)"},
		{"ca c7 84deadbeef 01 80 c0 00", "rlp: block.flag: boolean is neither 0 nor 1 (byte 10)"},
		{"ca c7 84deadbeef 01 80 c0 c0", "rlp: block.flag: want a byte string, have a list (byte 10)"},
		{"ca c7 84deadbeef 01 80 c0 01 09", "rlp: bytes after the last item (byte 11)"},
		{"cb c7 84deadbeef 01 80 c0 01 09", "rlp: block[3]: list has too many items (byte 11)"},
	} {
		if _, err := readBlock(unhex(t, test.in)); err == nil || err.Error() != test.want {
			t.Errorf("%s\n have %v\n want %s", test.in, err, test.want)
		}
	}
}

// TestFirstErrorSticks: after an error nothing is read, and no call hides the error.
func TestFirstErrorSticks(t *testing.T) {
	c := Read(unhex(t, "c3 0005 06"))
	c.List("list")
	if v := c.Uint64("zero"); v != 0 || !errors.Is(c.Err(), ErrLeadingZero) {
		t.Fatalf("%d, %v", v, c.Err())
	}
	first := c.Err()
	c.List("x")
	c.Skip("x")
	c.Fixed("x", make([]byte, 1))
	c.End()
	c.EndOpen()
	c.Fail("x", ErrTooMany)
	if c.More() || c.Uint64("x") != 0 || c.Bool("x") || c.Bytes("x") != nil || c.BytesMax("x", 9) != nil || c.Integer("x", 9) != nil ||
		c.Raw("x") != nil || c.Kind("x") != Bytes || c.Done() != first || c.Offset() != 1 {
		t.Errorf("%v, offset %d", c.Err(), c.Offset())
	}
}

// TestFail: a caller's own problem names the item that was read last.
func TestFail(t *testing.T) {
	odd := errors.New("is odd")
	for _, test := range []struct{ name, want string }{
		{"number", "rlp: numbers.number: is odd (byte 2)"},
		{"", "rlp: numbers[1]: is odd (byte 2)"},
	} {
		c := Read(unhex(t, "c3 02 03 04"))
		c.List("numbers")
		for c.More() {
			if c.Uint64(test.name)%2 == 1 {
				c.Fail(test.name, odd)
			}
		}
		c.End()
		if err := c.Done(); !errors.Is(err, odd) || err.Error() != test.want {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
	c := Read([]byte{0x05})
	c.Fail("", odd)
	if err := c.Done(); err.Error() != "rlp: is odd (byte 0)" {
		t.Error(err)
	}
}

func TestEndOpen(t *testing.T) {
	c := Read(unhex(t, "c4 c2 0102 05"))
	c.List("outer")
	c.List("inner")
	c.EndOpen()
	if v := c.Uint64("five"); v != 5 {
		t.Errorf("after an open end: %d", v)
	}
	c.End()
	if err := c.Done(); err != nil {
		t.Error(err)
	}
	c = Read(unhex(t, "c0"))
	c.EndOpen()
	if err := c.Done(); !errors.Is(err, ErrNotInList) {
		t.Errorf("end without a list: %v", err)
	}
	c = Read(unhex(t, "c0"))
	c.List("open")
	if err := c.Done(); !errors.Is(err, ErrTrailing) {
		t.Errorf("done inside of a list: %v", err)
	}
}

func TestPeek(t *testing.T) {
	c := Read(unhex(t, "c2 c0 05"))
	if c.Kind("x") != List {
		t.Error("outer kind")
	}
	c.List("x")
	ahead := c // a cursor is a value
	ahead.Skip("inner")
	if ahead.Kind("five") != Bytes || ahead.Offset() != 2 || c.Offset() != 1 || !bytes.Equal(c.Remaining(), []byte{0xc0, 0x05}) {
		t.Errorf("offsets %d %d, remaining %x", c.Offset(), ahead.Offset(), c.Remaining())
	}
	var zero Cursor
	if zero.More() || zero.Done() != nil {
		t.Error("the zero cursor has something")
	}
}

func TestDepth(t *testing.T) {
	in := []byte{0xc0}
	for range MaxDepth {
		in = append(AppendListHeader(nil, len(in)), in...)
	}
	c := Read(in)
	for range MaxDepth {
		c.List("l")
	}
	if c.Err() != nil {
		t.Fatal(c.Err())
	}
	c.List("l")
	if err := c.Done(); !errors.Is(err, ErrDepth) {
		t.Errorf("%d lists: %v", MaxDepth+1, err)
	}
}

// TestNoAllocations: reading a valid input costs no memory.
func TestNoAllocations(t *testing.T) {
	in := unhex(t, goodBlock)
	var hash [4]byte
	read := func() {
		c := Read(in)
		c.List("block")
		c.List("header")
		c.Fixed("hash", hash[:])
		c.Uint64("number")
		c.BytesMax("extra", 3)
		c.End()
		c.List("txs")
		for c.More() {
			c.List("")
			c.Integer("nonce", 32)
			c.Raw("data")
			c.End()
		}
		c.End()
		c.Bool("flag")
		c.End()
		if c.Done() != nil || Valid(in, 4) != nil {
			t.Fatal("not read")
		}
	}
	if n := testing.AllocsPerRun(100, read); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkRead(b *testing.B) {
	in := unhex(b, goodBlock)
	var hash [4]byte
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		c := Read(in)
		c.List("block")
		c.List("header")
		c.Fixed("hash", hash[:])
		c.Uint64("number")
		c.BytesMax("extra", 3)
		c.EndOpen()
		c.EndOpen()
		if c.Done() != nil {
			b.Fatal(c.Err())
		}
	}
}
