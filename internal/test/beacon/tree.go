// SPDX-License-Identifier: Apache-2.0

package beacon

import (
	"crypto/sha256"
	"encoding/binary"
)

type node = [32]byte

// A tree is a Merkle tree by generalized index; what is not there is zero.
type tree map[uint64]node

func join(a, b node) node { return sha256.Sum256(append(a[:], b[:]...)) }

// at returns the node at an index: a leaf, or what its children hash to.
func (t tree) at(g uint64) node {
	if n, ok := t[g]; ok {
		return n
	}
	for k := range t {
		for ; k > g; k /= 2 {
		}
		if k == g {
			return join(t.at(2*g), t.at(2*g+1))
		}
	}
	return node{}
}

func (t tree) root() node { return t.at(1) }

// branch returns the siblings on the way from an index to the root, after zeros up to a length.
func (t tree) branch(g uint64, length int) (b []node) {
	for ; g > 1; g /= 2 {
		b = append(b, t.at(g^1))
	}
	for len(b) < length {
		b = append([]node{{}}, b...)
	}
	return b
}

// list returns a tree of leaves side by side, below an index.
func (t tree) list(g uint64, width int, leaves ...node) {
	for i := range width {
		n := node{}
		if i < len(leaves) {
			n = leaves[i]
		}
		t[g*uint64(width)+uint64(i)] = n
	}
}

func hashOf(leaves ...node) node {
	width := 1
	for width < len(leaves) {
		width *= 2
	}
	t := tree{}
	t.list(1, width, leaves...)
	return t.root()
}

func num(v uint64) (n node) {
	binary.LittleEndian.PutUint64(n[:], v)
	return n
}

// chunks cuts bytes into leaves.
func chunks(b []byte) (leaves []node) {
	for len(b) > 0 {
		var n node
		b = b[copy(n[:], b):]
		leaves = append(leaves, n)
	}
	return leaves
}
