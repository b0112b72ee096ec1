// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"bytes"
	"encoding/binary"
	"errors"
	"sync"
	"testing"

	"github.com/golang/snappy"
	"pgregory.net/rapid"
)

// Any decoder reads raw bytes and separately compressed chunks as one block.
func TestBlocksDecode(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := drawMessage(rt)
		before := []byte("before")
		block := appendBlock(before, m, m.Size())
		if !bytes.HasPrefix(block, before) {
			rt.Fatalf("the buffer begins with %q", block[:len(before)])
		}
		block = block[len(before):]
		want := m.AppendPayload(nil)
		if got, err := snappy.Decode(nil, block); err != nil || !bytes.Equal(got, want) {
			rt.Fatalf("decoded %x, %v, want %x", got, err, want)
		}
		if n, err := blockSize(block); err != nil || n != len(want) {
			rt.Fatalf("blockSize says %d, %v", n, err)
		}
	})
}

// Sizes around those where the length of a part takes one byte more.
func TestBlocksDecodeAtEverySize(t *testing.T) {
	random := make([]byte, 1<<21+2)
	if _, err := testRand(1).Read(random); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 2, 3, 59, 60, 61, 127, 128, 129, 255, 256, 257, 1<<14 - 1, 1 << 14, 1<<16 - 1, 1 << 16, 1<<16 + 1, 1<<21 - 1, 1 << 21} {
		for name, b := range map[string][]byte{"zeros": make([]byte, n), "random": random[:n]} {
			m := Message{Raw: b, Chunks: []*Chunk{NewChunk(b), NewChunk([]byte("end"))}}
			want := m.AppendPayload(nil)
			if got, err := snappy.Decode(nil, appendBlock(nil, m, m.Size())); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d %s: %d bytes, %v", n, name, len(got), err)
			}
		}
	}
}

func TestChunkIsCompressedOnce(t *testing.T) {
	c := NewChunk(bytes.Repeat([]byte("chunk "), 1000))
	if c.packed != nil {
		t.Error("compressed before it was needed")
	}
	var wg sync.WaitGroup
	packed := make([][]byte, 8)
	for i := range packed {
		wg.Go(func() { packed[i] = c.elements() })
	}
	wg.Wait()
	for _, p := range packed {
		if &p[0] != &packed[0][0] {
			t.Fatal("compressed more than once")
		}
	}
	if len(c.packed) > 1000 || cap(c.packed) > 2*len(c.packed) {
		t.Errorf("%d bytes, room for %d", len(c.packed), cap(c.packed))
	}
	if len(c.Bytes()) != 6000 {
		t.Errorf("Bytes has %d bytes", len(c.Bytes()))
	}
}

// A length over the limit, or one that no such block can have, is refused before there is
// memory for it (row 38).
func TestBombs(t *testing.T) {
	length := func(n uint64, elements ...byte) []byte {
		return append(binary.AppendUvarint(nil, n), elements...)
	}
	copies := bytes.Repeat([]byte{0xfe, 1, 0}, 5000) // 64 bytes from one byte back, in 3
	for _, tt := range []struct {
		name  string
		block []byte
		want  error
	}{
		{"MaxSize + 1", length(MaxSize+1, copies...), ErrTooLarge},
		{"4 GiB", length(1<<32-1, copies...), ErrTooLarge},
		{"all that 64 bits can say", length(1<<64-1, copies...), ErrTooLarge},
		{"MaxSize of nothing", length(MaxSize), ErrBadSnappy},
		{"MaxSize of 15 KB", length(MaxSize, copies...), ErrBadSnappy},
		{"one more than copies can give", length(64*5000+1, copies...), ErrBadSnappy},
		{"a varint of 11 bytes", bytes.Repeat([]byte{0x80}, 11), ErrBadSnappy},
		{"a varint cut off", []byte{0x80}, ErrBadSnappy},
		{"nothing", nil, ErrBadSnappy},
	} {
		sealer, opener := pair()
		opener.SetSnappy(true)
		code, payload, _, err := open(opener, sealBody(sealer, append([]byte{0x15}, tt.block...)))
		if !errors.Is(err, tt.want) || payload != nil || code != 0x15 {
			t.Errorf("%s: code %d, %d bytes, %v", tt.name, code, len(payload), err)
		}
		if opener.payload.buf != nil {
			t.Errorf("%s: memory for %d bytes was taken", tt.name, cap(opener.payload.buf))
		}
	}

	// The densest block there is passes.
	densest := append(length(1+64*5000, 0, 'x'), copies...)
	sealer, opener := pair()
	opener.SetSnappy(true)
	_, payload, _, err := open(opener, sealBody(sealer, append([]byte{0x15}, densest...)))
	if err != nil || len(payload) != 1+64*5000 {
		t.Errorf("the densest block: %d bytes, %v", len(payload), err)
	}
}

func TestBadBlocks(t *testing.T) {
	good := snappy.Encode(nil, []byte("some payload, some payload, some payload"))
	sealer, opener := pair()
	opener.SetSnappy(true)
	for n := range good {
		_, _, _, err := open(opener, sealBody(sealer, append([]byte{0x15}, good[:n]...)))
		if !errors.Is(err, ErrBadSnappy) {
			t.Errorf("%d of %d bytes: %v", n, len(good), err)
		}
	}
	for name, block := range map[string][]byte{
		"a byte too many":         append(bytes.Clone(good), 0),
		"a copy from before":      {4, 0xfe, 1, 0},
		"a copy from nowhere":     {5, 0, 'x', 0xfe, 0, 0},
		"S2's repeat of a copy":   {9, 0, 'x', 0x05, 0x01, 0x05, 0x00},
		"more than it says":       {1, 4, 'x', 'y'},
		"less than it says":       {3, 4, 'x', 'y'},
		"a literal of 4 GiB":      {3, 0xfc, 0xff, 0xff, 0xff, 0xff},
		"a literal beyond itself": {3, 8, 'x'},
	} {
		_, _, _, err := open(opener, sealBody(sealer, append([]byte{0x15}, block...)))
		if !errors.Is(err, ErrBadSnappy) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A large buffer serves a busy exchange, and is gone after a few small messages.
func TestScratchShrinks(t *testing.T) {
	var s scratch
	if got := len(s.take(0)); got != 0 {
		t.Fatalf("took %d bytes", got)
	}
	s.take(5 << 20)
	for range scratchPatience {
		s.take(100)
	}
	large := s.take(5 << 20)
	if again := s.take(5 << 20); &again[0] != &large[0] {
		t.Error("a large buffer is not used again")
	}
	for range scratchPatience {
		if s.take(100); cap(s.buf) < 5<<20 {
			t.Fatal("the buffer is gone too early")
		}
	}
	if s.take(100); cap(s.buf) > scratchKeep {
		t.Errorf("a quiet connection holds %d bytes", cap(s.buf))
	}
	small := s.take(200)
	if again := s.take(300); &again[0] != &small[0] {
		t.Error("a small buffer grows in small steps")
	}
}
