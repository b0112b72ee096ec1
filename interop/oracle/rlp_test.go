// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"bytes"
	"math/big"
	"testing"

	gethrlp "github.com/ethereum/go-ethereum/rlp"

	"github.com/ethpeer/ethpeer/rlp"
)

const maxDepth = 64 // the deepest that rlp.Valid looks

// gethValid walks one item by geth's reader: canonical through all levels, nothing after it.
func gethValid(item []byte, depth int) bool {
	kind, content, rest, err := gethrlp.Split(item)
	if err != nil || len(rest) != 0 {
		return false
	}
	return kind != gethrlp.List || gethValidList(content, depth)
}

func gethValidList(content []byte, depth int) bool {
	if depth == 0 {
		return false
	}
	for len(content) > 0 {
		kind, inner, rest, err := gethrlp.Split(content)
		if err != nil || kind == gethrlp.List && !gethValidList(inner, depth-1) {
			return false
		}
		content = rest
	}
	return true
}

// FuzzRLPItem: both accept the same items.
func FuzzRLPItem(f *testing.F) {
	for _, e := range eras(f) {
		f.Add(e.headers[0].bytes(f))
		f.Add(e.receipts[8000].bytes(f))
	}
	for _, seed := range []string{"", "\x00", "\x80", "\x81\x00", "\x81\x80", "\xb8\x37", "\xb8\x38", "\xb9\x00\x38", "\xc0", "\xc1", "\xc2\xc1\xc0", "\xf8\x38", "\xf8\x00", "\xff\xff\xff\xff\xff\xff\xff\xff\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if ours, theirs := rlp.Valid(b, maxDepth), gethValid(b, maxDepth); (ours == nil) != theirs {
			t.Errorf("%x: we say %v, geth accepts: %v", b, ours, theirs)
		}
	})
}

// FuzzRLPUint64: both read and write the same integers.
func FuzzRLPUint64(f *testing.F) {
	f.Add([]byte{0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, uint64(1)<<63)
	f.Add([]byte{0x82, 0x00, 0x01}, uint64(127))
	f.Add([]byte{0x00}, uint64(128))
	f.Add([]byte{0x81, 0x7f}, uint64(0))
	f.Fuzz(func(t *testing.T, b []byte, v uint64) {
		c := rlp.Read(b)
		ours := c.Uint64("")
		err := c.Done()
		var theirs uint64
		gethErr := gethrlp.DecodeBytes(b, &theirs)
		if (err == nil) != (gethErr == nil) || err == nil && ours != theirs {
			t.Errorf("%x: we read %d (%v), geth %d (%v)", b, ours, err, theirs, gethErr)
		}
		want, err := gethrlp.EncodeToBytes(v)
		if err != nil {
			t.Fatal(err)
		}
		if have := rlp.AppendUint64(nil, v); !bytes.Equal(have, want) || rlp.SizeUint64(v) != len(want) {
			t.Errorf("%d: we write %x in %d bytes, geth %x", v, have, rlp.SizeUint64(v), want)
		}
	})
}

// FuzzRLPWrite: both write byte strings, big integers and lists of them alike.
func FuzzRLPWrite(f *testing.F) {
	f.Add([]byte{}, []byte{0x7f}, 1)
	f.Add([]byte{0x80}, make([]byte, 56), 3)
	f.Add(make([]byte, 55), make([]byte, 300), 200)
	f.Fuzz(func(t *testing.T, a, b []byte, times int) {
		times &= 0xff
		type inner struct {
			A []byte
			N *big.Int
		}
		var model []inner
		have, outer := rlp.OpenList(nil)
		for range times {
			model = append(model, inner{a, new(big.Int).SetBytes(b)})
			var list int
			have, list = rlp.OpenList(have)
			have = rlp.AppendBytes(have, a)
			have = rlp.AppendInteger(have, b)
			have = rlp.CloseList(have, list)
		}
		have = rlp.CloseList(have, outer)
		want, err := gethrlp.EncodeToBytes(model)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(have, want) {
			t.Errorf("we write %x, geth %x", have, want)
		}
	})
}
