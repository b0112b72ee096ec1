// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"iter"
	"math/bits"

	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// A CellMask is a set of indices of cells: those that someone has, or asks for, of every
// blob that is spoken of (EIP-8070). Index i is bit i%8 of byte i/8.
type CellMask [types.CellsPerBlob / 8]byte

// AllCells returns the mask of who has every cell.
func AllCells() (m CellMask) {
	for i := range m {
		m[i] = 0xff
	}
	return m
}

// With returns the mask with index i, which must be from 0 to types.CellsPerBlob-1.
func (m CellMask) With(i int) CellMask {
	m[i/8] |= 1 << (i % 8)
	return m
}

// Has reports whether index i is in the mask; it is not if there is no such cell.
func (m CellMask) Has(i int) bool {
	return i >= 0 && i < types.CellsPerBlob && m[i/8]>>(i%8)&1 == 1
}

// Len returns how many indices there are.
func (m CellMask) Len() (n int) {
	for _, b := range m {
		n += bits.OnesCount8(b)
	}
	return n
}

// All yields the indices, the smallest first.
func (m CellMask) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range types.CellsPerBlob {
			if m.Has(i) && !yield(i) {
				return
			}
		}
	}
}

// Within reports whether every index is in other, too.
func (m CellMask) Within(other CellMask) bool {
	for i := range m {
		if m[i]&^other[i] != 0 {
			return false
		}
	}
	return true
}

// readOptionalMask reads the mask of an announcement. Who announces no blob transaction
// must leave it empty (EIP-8070); go-ethereum sends zeros instead, and refuses the empty
// one.
func readOptionalMask(c *rlp.Cursor) (m CellMask, ok bool) {
	b := c.Bytes("cellMask")
	switch {
	case len(b) == len(m):
		return CellMask(b), true
	case len(b) != 0:
		c.Fail("cellMask", rlp.ErrLength)
	}
	return m, false
}
