// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// Bounds of uncles (yellow paper, 4.4.2 and 11.1).
const (
	maxUncles = 2

	// UncleAncestors is of how many ancestors of a block an uncle may be a child; the parent
	// does not count.
	UncleAncestors = 7
)

// An Ancestor is a block that another descends from.
type Ancestor struct {
	Header *types.Header
	Uncles []types.Hash
}

// CheckUncles checks the uncles of a mined block: the content of their list, as [types.Body] has it.
// Ancestors are the blocks before it, the parent first, UncleAncestors of them or all that there
// are. The proof of work of each uncle is left to the caller, who gets their headers.
func CheckUncles(c *params.Chain, h *types.Header, list []byte, ancestors []Ancestor) ([]types.Header, error) {
	uncles, err := readUncles(h, list)
	if err != nil || len(uncles) == 0 {
		return nil, err
	}
	ancestors = ancestors[:min(len(ancestors), UncleAncestors)]
	byHash, told := map[types.Hash]*types.Header{}, map[types.Hash]bool{h.Hash(): true}
	for _, a := range ancestors {
		hash := a.Header.Hash()
		byHash[hash], told[hash] = a.Header, true
		for _, u := range a.Uncles {
			told[u] = true
		}
	}
	for i := range uncles {
		u := &uncles[i]
		hash := u.Hash()
		parent := byHash[u.ParentHash]
		switch {
		case told[hash]:
			return nil, broken(h, Uncles, "%v is an ancestor, or an uncle already", hash)
		case parent == nil || u.ParentHash == h.ParentHash:
			return nil, broken(h, Uncles, "%v is no child of the ancestors before the parent", hash)
		}
		told[hash] = true
		if err := Check(c, parent, u); err != nil {
			return nil, broken(h, Uncles, "%v", err)
		}
	}
	return uncles, nil
}

// readUncles decodes a list of uncles, as many as a block may have.
func readUncles(h *types.Header, list []byte) (uncles []types.Header, err error) {
	for len(list) > 0 {
		_, _, rest, err := rlp.Split(list)
		if err != nil {
			return nil, broken(h, Uncles, "are no list of headers: %v", err)
		}
		if len(uncles) == maxUncles {
			return nil, broken(h, Uncles, "are more than %d", maxUncles)
		}
		u, err := types.DecodeHeader(list[:len(list)-len(rest)])
		if err != nil {
			return nil, broken(h, Uncles, "are no headers: %v", err)
		}
		uncles, list = append(uncles, u), rest
	}
	return uncles, nil
}
