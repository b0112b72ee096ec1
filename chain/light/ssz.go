// SPDX-License-Identifier: Apache-2.0

package light

import (
	"crypto/sha256"
	"encoding/binary"
)

// hash2 returns the parent of two nodes.
func hash2(a, b Root) Root {
	var both [64]byte
	copy(both[:32], a[:])
	copy(both[32:], b[:])
	return sha256.Sum256(both[:])
}

// merkleize returns the root of a tree with a power of two of leaves. It overwrites the leaves
// (consensus-specs/ssz/simple-serialize.md#merkleization).
func merkleize(leaves []Root) Root {
	for n := len(leaves); n > 1; n /= 2 {
		for i := range n / 2 {
			leaves[i] = hash2(leaves[2*i], leaves[2*i+1])
		}
	}
	return leaves[0]
}

// number returns the leaf of an unsigned number.
func number(v uint64) (r Root) {
	binary.LittleEndian.PutUint64(r[:], v)
	return r
}

// proved reports whether a branch leads from a leaf to a root. A branch that is longer than the gindex
// wants must begin with zero roots, as a branch of an older fork does in a newer container
// (consensus-specs/specs/electra/light-client/sync-protocol.md#is_valid_normalized_merkle_branch).
func proved(leaf Root, branch []Root, g gindex, root Root) bool {
	extra := len(branch) - g.depth()
	if extra < 0 {
		return false
	}
	for _, r := range branch[:extra] {
		if !r.IsZero() {
			return false
		}
	}
	for _, sibling := range branch[extra:] {
		if g%2 == 1 {
			leaf = hash2(sibling, leaf)
		} else {
			leaf = hash2(leaf, sibling)
		}
		g /= 2
	}
	return leaf == root
}

func allZero(branch []Root) bool {
	for _, r := range branch {
		if !r.IsZero() {
			return false
		}
	}
	return true
}

// signingRoot returns what a sync committee signs (consensus-specs/specs/phase0/beacon-chain.md#compute_signing_root,
// #compute_domain).
func signingRoot(block Root, version [4]byte, validators Root) Root {
	var padded Root
	copy(padded[:], version[:])
	fork := hash2(padded, validators)
	domain := Root{7} // DOMAIN_SYNC_COMMITTEE
	copy(domain[4:], fork[:28])
	return hash2(block, domain)
}
