// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"iter"
	"math/bits"

	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// A CellMask is a set of indices of cells, which a message has or asks for of every blob that it
// names (EIP-8070). Index i is bit i%8 of byte i/8.
type CellMask [types.CellsPerBlob / 8]byte

// AllCells returns the mask with every index.
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

// Has reports whether index i is in the mask. It accepts any i.
func (m CellMask) Has(i int) bool {
	return i >= 0 && i < types.CellsPerBlob && m[i/8]>>(i%8)&1 == 1
}

// Len returns the number of indices in the mask.
func (m CellMask) Len() (n int) {
	for _, b := range m {
		n += bits.OnesCount8(b)
	}
	return n
}

// All yields the indices in ascending order.
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

// readOptionalMask reads the mask of an announcement. It must be empty if no blob transaction is
// announced (EIP-8070). go-ethereum sends zeros instead, and refuses an empty mask.
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
