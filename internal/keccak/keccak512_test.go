// SPDX-License-Identifier: Apache-2.0

package keccak

import (
	"encoding/hex"
	"testing"
)

// One hasher serves many inputs, and its output may overwrite its input; 72 bytes are one block of
// the sponge.
func TestHasher512(t *testing.T) {
	h := NewHasher512()
	for range 2 {
		for _, tt := range []struct{ in, want string }{
			{"", "0eab42de4c3ceb9235fc91acffe746b29c29a8c366b7c60e4e67c466f36a4304c00fa9caf9d87976ba469bcbe06713b435f091ef2769fb160cdab33d3670680e"},
			{"abc", "18587dc2ea106b9a1563e32b3312421ca164c7f1f07bc922a9c83d77cea3a1e5d0c69910739025372dc14ac9642629379540c17e2a65b19d77aa511a9d00bb96"},
		} {
			var sum [64]byte
			copy(sum[:], tt.in)
			h.Sum(&sum, sum[:len(tt.in)])
			if got := hex.EncodeToString(sum[:]); got != tt.want {
				t.Errorf("Keccak-512 of %q is %s, want %s", tt.in, got, tt.want)
			}
		}
	}
}

func TestHasher512AllocatesNothing(t *testing.T) {
	h, sum := NewHasher512(), new([64]byte)
	if n := testing.AllocsPerRun(100, func() { h.Sum(sum, sum[:]) }); n > 0 {
		t.Errorf("%v allocations a hash", n)
	}
}
