// SPDX-License-Identifier: Apache-2.0

package keccak

import (
	"bytes"
	"encoding/hex"
	"testing"
)

func TestSum256(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"},
		{"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"},
		{"Transfer(address,address,uint256)", "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"},
	} {
		if got := Sum256([]byte(tt.in)); hex.EncodeToString(got[:]) != tt.want {
			t.Errorf("Keccak-256 of %q is %x, want %s", tt.in, got, tt.want)
		}
	}
}

// However an input is cut, its digest is the same; 136 bytes are one block of the sponge.
func TestSumsAgree(t *testing.T) {
	in := bytes.Repeat([]byte("ethpeer "), 40)
	var inputs [][]byte
	for n := range len(in) {
		inputs = append(inputs, in[:n])
	}
	batch := make([][32]byte, len(inputs))
	Sum256s(batch, inputs)

	running := NewHasher()
	for n, got := range batch {
		if want := Sum256(inputs[n]); got != want {
			t.Errorf("Sum256s of %d bytes is %x, Sum256 says %x", n, got, want)
		}
		if want := Sum256(in[:n/2], nil, in[n/2:n]); got != want {
			t.Errorf("Sum256 of %d bytes in parts is %x, want %x", n, want, got)
		}
		if sum := [32]byte(running.Sum(nil)); sum != got {
			t.Errorf("a Hasher after %d bytes says %x, want %x", n, sum, got)
		}
		running.Write(in[n : n+1]) // Sum must not have disturbed it
	}
	running.Reset()
	if sum := running.Sum([]byte("before ")); !bytes.Equal(sum, append([]byte("before "), batch[0][:]...)) {
		t.Errorf("after Reset: %x", sum)
	}
}

func TestKeccakAllocatesNothing(t *testing.T) {
	in, out := make([]byte, 300), make([]byte, 0, 32)
	h := NewHasher()
	if n := testing.AllocsPerRun(100, func() {
		h.Reset()
		h.Write(in)
		out = h.Sum(out[:0])
	}); n != 0 {
		t.Errorf("a Hasher allocates %v times", n)
	}
}

func BenchmarkSum256(b *testing.B) {
	in := make([]byte, 500)
	b.ReportAllocs()
	for b.Loop() {
		Sum256(in)
	}
}
