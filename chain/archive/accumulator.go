// SPDX-License-Identifier: Apache-2.0

package archive

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/types"
)

// An accumulator collects the records of an era1 file: hash_tree_root(List(HeaderRecord, 8192)), with HeaderRecord the
// hash and the total difficulty of a block
// (https://github.com/eth-clients/e2store-format-specs/blob/main/formats/era1.md#accumulator).
type accumulator struct {
	leaves [][32]byte
	td     uint256.Int // of the last block
}

// add takes the next block. It returns why its total difficulty is wrong.
func (a *accumulator) add(hash types.Hash, h *types.Header, td *uint256.Int) string {
	if want := new(uint256.Int).Add(&a.td, &h.Difficulty); len(a.leaves) > 0 && !td.Eq(want) {
		return fmt.Sprintf("has the total difficulty %v, and its parent and difficulty make %v", td, want)
	}
	a.td = *td
	little := td.Bytes32()
	slices.Reverse(little[:])
	a.leaves = append(a.leaves, sha256.Sum256(append(hash[:], little[:]...)))
	return ""
}

// root returns the accumulator.
func (a *accumulator) root() types.Hash {
	level, zero := slices.Clone(a.leaves), [32]byte{}
	for width := Era1Blocks; width > 1; width /= 2 {
		if len(level)%2 == 1 {
			level = append(level, zero)
		}
		for i := range len(level) / 2 {
			level[i] = pair(level[2*i], level[2*i+1])
		}
		level = level[:len(level)/2]
		zero = pair(zero, zero)
	}
	if len(level) == 0 {
		level = append(level, zero)
	}
	var count [32]byte
	binary.LittleEndian.PutUint64(count[:], uint64(len(a.leaves)))
	return pair(level[0], count)
}

func pair(a, b [32]byte) [32]byte { return sha256.Sum256(append(a[:], b[:]...)) }
