// SPDX-License-Identifier: Apache-2.0

package rlp

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestAppend(t *testing.T) {
	prefix := []byte{0xee}
	for _, test := range []struct {
		have []byte
		want string
	}{
		{AppendBytes(prefix, nil), "80"},
		{AppendBytes(prefix, []byte{0}), "00"},
		{AppendBytes(prefix, []byte{0x7f}), "7f"},
		{AppendBytes(prefix, []byte{0x80}), "8180"},
		{AppendBytes(prefix, make([]byte, 2)), "820000"},
		{AppendBytes(prefix, unhex(t, long(55))), "b7" + long(55)},
		{AppendBytes(prefix, unhex(t, long(56))), "b838" + long(56)},
		{AppendBytes(prefix, unhex(t, long(256))), "b90100" + long(256)},
		{AppendString(prefix, ""), "80"},
		{AppendString(prefix, "a"), "61"},
		{AppendString(prefix, "\xff"), "81ff"},
		{AppendString(prefix, "dog"), "83646f67"},
		{AppendUint64(prefix, 0), "80"},
		{AppendUint64(prefix, 1), "01"},
		{AppendUint64(prefix, 127), "7f"},
		{AppendUint64(prefix, 128), "8180"},
		{AppendUint64(prefix, 256), "820100"},
		{AppendUint64(prefix, math.MaxUint64), "88ffffffffffffffff"},
		{AppendInteger(prefix, nil), "80"},
		{AppendInteger(prefix, make([]byte, 32)), "80"},
		{AppendInteger(prefix, []byte{0, 0, 5}), "05"},
		{AppendInteger(prefix, []byte{0, 0x80}), "8180"},
		{AppendBool(prefix, false), "80"},
		{AppendBool(prefix, true), "01"},
		{AppendBytesHeader(prefix, 2), "82"},
		{AppendListHeader(prefix, 0), "c0"},
		{AppendListHeader(prefix, 55), "f7"},
		{AppendListHeader(prefix, 56), "f838"},
		{AppendListHeader(prefix, 1<<24), "fb01000000"},
	} {
		if have := hex.EncodeToString(test.have); have != "ee"+test.want {
			t.Errorf("have %.40s, want ee%.40s", have, test.want)
		}
	}
}

// TestOpenList: lists nest, and what stands before them stays.
func TestOpenList(t *testing.T) {
	for _, n := range []int{0, 55, 56, 300} {
		dst, outer := OpenList([]byte{0xee})
		dst = AppendUint64(dst, 7)
		dst, inner := OpenList(dst)
		dst = append(dst, make([]byte, n)...)
		dst = CloseList(dst, inner)
		dst = CloseList(dst, outer)

		want := append(AppendListHeader(nil, n), make([]byte, n)...)
		want = append(AppendListHeader([]byte{0xee}, 1+len(want)), append([]byte{7}, want...)...)
		if !bytes.Equal(dst, want) {
			t.Errorf("%d bytes inside: %.20x, want %.20x", n, dst, want)
		}
		if SizeList(n) != len(AppendListHeader(nil, n))+n {
			t.Errorf("size of a list of %d bytes: %d", n, SizeList(n))
		}
	}
}

// tree is any RLP item.
type tree struct {
	bytes []byte
	items []tree // a list, unless nil
}

func (x tree) append(dst []byte) []byte {
	if x.items == nil {
		return AppendBytes(dst, x.bytes)
	}
	dst, list := OpenList(dst)
	for _, item := range x.items {
		dst = item.append(dst)
	}
	return CloseList(dst, list)
}

func readTree(c *Cursor) (x tree) {
	if c.Kind("") == Bytes {
		x.bytes = c.Bytes("")
		return x
	}
	x.items = []tree{}
	for c.List(""); c.More(); {
		x.items = append(x.items, readTree(c))
	}
	c.End()
	return x
}

func (x tree) equal(y tree) bool {
	if (x.items == nil) != (y.items == nil) || len(x.items) != len(y.items) || !bytes.Equal(x.bytes, y.bytes) {
		return false
	}
	for i := range x.items {
		if !x.items[i].equal(y.items[i]) {
			return false
		}
	}
	return true
}

func drawTree(t *rapid.T, depth int) (x tree) {
	if depth == 0 || rapid.Bool().Draw(t, "bytes") {
		n := rapid.SampledFrom([]int{0, 1, 2, 55, 56, 255, 256}).Draw(t, "size")
		x.bytes = rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "content")
		return x
	}
	x.items = []tree{}
	for range rapid.IntRange(0, 5).Draw(t, "items") {
		x.items = append(x.items, drawTree(t, depth-1))
	}
	return x
}

// TestRoundTrip: what Append writes a cursor reads, Valid accepts, and the sizes foretell.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawTree(t, MaxDepth)
		raw := x.append(nil)
		c := Read(raw)
		y := readTree(&c)
		if err := c.Done(); err != nil || !x.equal(y) {
			t.Fatalf("%x reads as %x, %v", raw, y.append(nil), err)
		}
		if err := Valid(raw, MaxDepth); err != nil {
			t.Fatalf("%x: %v", raw, err)
		}
		if x.items == nil && SizeBytes(x.bytes) != len(raw) {
			t.Fatalf("size of %x: %d, is %d", x.bytes, SizeBytes(x.bytes), len(raw))
		}
		cut := rapid.IntRange(0, len(raw)-1).Draw(t, "cut")
		if Valid(raw[:cut], MaxDepth) == nil {
			t.Fatalf("%d bytes of %x are valid", cut, raw)
		}
	})
}

func TestIntegerRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Uint64().Draw(t, "v") >> rapid.IntRange(0, 63).Draw(t, "shift")
		raw := AppendUint64(nil, v)
		big := AppendInteger(nil, binary.BigEndian.AppendUint64(make([]byte, 3), v))
		c := Read(raw)
		if w := c.Uint64("v"); w != v || c.Done() != nil || !bytes.Equal(raw, big) || SizeUint64(v) != len(raw) {
			t.Fatalf("%d: %x, %x reads as %d, %v", v, raw, big, w, c.Err())
		}
	})
}

// FuzzRead: whatever a cursor reads to the end is canonical, so writing it again gives the
// same bytes; and a cursor and Valid agree.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{goodBlock, "80", "c0", "f838" + long(56), "b838" + long(56), "c2 8101", "c7c0c1c0c3c0c1c0"} {
		f.Add(unhex(f, seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		c := Read(in)
		x := readTree(&c)
		err := c.Done()
		if err == nil && !bytes.Equal(x.append(nil), in) {
			t.Fatalf("%x is written as %x", in, x.append(nil))
		}
		if valid := Valid(in, MaxDepth); (valid == nil) != (err == nil) {
			t.Fatalf("%x: read %v, valid %v", in, err, valid)
		}
		if kind, content, _, err := Split(in); err == nil && kind == List {
			n, err := Count(content, 3)
			if n > 3 || err == nil && n == 0 && len(content) > 0 {
				t.Fatalf("%x: %d items, %v", in, n, err)
			}
		}
	})
}
