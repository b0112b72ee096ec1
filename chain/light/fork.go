// SPDX-License-Identifier: Apache-2.0

package light

// A gindex is a generalized index: the place of a node in a Merkle tree, 1 = the root, 2n and 2n+1 = the
// children of n (consensus-specs/ssz/merkle-proofs.md#generalized-merkle-tree-index).
type gindex uint64

// depth returns how many roots a branch from the node up to the root has.
func (g gindex) depth() int {
	d := 0
	for ; g > 1; g /= 2 {
		d++
	}
	return d
}

// A layout says where a fork keeps what a light client proves. Zero = that fork has it not.
type layout struct {
	name string

	finalized, current, next gindex // in the beacon state: finalized root, sync committees

	execution gindex // in the block's body: the execution payload's header
	hash      gindex // in the block's body: the hash of an execution block
	leaves    int    // of the execution payload's header
	lag       int    // how many blocks the proved execution block is behind the block that the committee's votes came with
}

// layouts lists the forks in their order. Each row is the fork's light client specification
// (consensus-specs/specs/FORK/light-client/sync-protocol.md#constants).
//
// Gloas proves the parent's hash, out of the execution payload bid. It is a draft: earlier
// drafts had other numbers.
var layouts = []layout{
	{name: "phase0"},
	{name: "altair", finalized: 105, current: 54, next: 55, lag: 1},
	{name: "bellatrix", finalized: 105, current: 54, next: 55, lag: 1},
	{name: "capella", finalized: 105, current: 54, next: 55, execution: 25, hash: 412, leaves: 15, lag: 1},
	{name: "deneb", finalized: 105, current: 54, next: 55, execution: 25, hash: 812, leaves: 17, lag: 1},
	{name: "electra", finalized: 169, current: 86, next: 87, execution: 25, hash: 812, leaves: 17, lag: 1},
	{name: "fulu", finalized: 169, current: 86, next: 87, execution: 25, hash: 812, leaves: 17, lag: 1},
	{name: "gloas", finalized: 735, current: 2945, next: 2946, hash: 2856, lag: 2},
}

// layoutOf returns the fork with a name; nil if this version does not know it.
func layoutOf(name string) *layout {
	for i := range layouts {
		if layouts[i].name == name {
			return &layouts[i]
		}
	}
	return nil
}

// maxDepth bounds a branch: deeper ones are of no fork.
const maxDepth = 16
