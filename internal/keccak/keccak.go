// SPDX-License-Identifier: Apache-2.0

package keccak

import (
	"hash"

	"golang.org/x/crypto/sha3"
)

// Sum256 returns the Keccak-256 of the concatenated parts.
func Sum256(parts ...[]byte) (sum [32]byte) {
	h := sha3.NewLegacyKeccak256()
	for _, p := range parts {
		h.Write(p)
	}
	h.Sum(sum[:0])
	return sum
}

// Sum256s writes the Keccak-256 of each input to dst, which must be as long as inputs.
func Sum256s(dst [][32]byte, inputs [][]byte) {
	h := sha3.NewLegacyKeccak256() // not a Hasher, which would move it to the heap
	for i, in := range inputs {
		h.Reset()
		h.Write(in)
		h.Sum(dst[i][:0])
	}
}

// A Hasher is a running Keccak-256. Sum does not change it: RLPx reads the digest of a stream
// that continues (devp2p/rlpx.md#mac).
type Hasher struct{ h hash.Hash }

// NewHasher returns an empty Hasher.
func NewHasher() Hasher { return Hasher{sha3.NewLegacyKeccak256()} }

// Write absorbs b; it cannot fail.
func (h Hasher) Write(b []byte) { h.h.Write(b) }

// Sum appends to dst the digest of all bytes that were written.
func (h Hasher) Sum(dst []byte) []byte { return h.h.Sum(dst) }

// Reset makes h an empty Hasher again.
func (h Hasher) Reset() { h.h.Reset() }
