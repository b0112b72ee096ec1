// SPDX-License-Identifier: Apache-2.0

package keccak

import (
	"hash"
	"io"

	"golang.org/x/crypto/sha3"
)

// A Hasher512 computes Keccak-512, which ethash uses, of many inputs with one state.
type Hasher512 struct {
	h interface {
		hash.Hash
		io.Reader // squeezes without a copy of the state
	}
}

// NewHasher512 returns a hasher.
func NewHasher512() Hasher512 {
	return Hasher512{sha3.NewLegacyKeccak512().(interface {
		hash.Hash
		io.Reader
	})}
}

// Sum writes the Keccak-512 of b to sum, which may overlap b.
func (h Hasher512) Sum(sum *[64]byte, b []byte) {
	h.h.Reset()
	_, _ = h.h.Write(b) // cannot fail
	_, _ = h.h.Read(sum[:])
}
