// SPDX-License-Identifier: Apache-2.0

// in: the latest headers of a clique chain · out: which signers sign, and which miss their turns

package status

import (
	"slices"
	"strings"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/types"
)

// cliqueBlocks is how many of the latest blocks are looked at. Each costs the recovery of a signature.
const cliqueBlocks = 256

// cliqueOf looks at the latest blocks of a clique chain. It returns nil on other chains, and while the headers before
// the blocks are not held, which say who may sign.
func cliqueOf(c *chain.Chain) *Clique {
	if c.Params().Clique == nil {
		return nil
	}
	head := c.Head()
	first := max(c.Tail(), head.Number-min(cliqueBlocks, head.Number))
	hash, ok := c.Canonical(first)
	if !ok {
		return nil
	}
	snapshot, err := c.Signers(hash)
	if err != nil {
		return nil
	}
	seen := map[types.Address]*Signer{}
	of := func(a types.Address) *Signer {
		if seen[a] == nil {
			seen[a] = &Signer{Address: a.String()}
		}
		return seen[a]
	}
	blocks := 0
	for n := first + 1; n <= head.Number; n++ {
		h, err := types.DecodeHeader(c.HeaderAt(n))
		if err != nil {
			break // a reorganisation, or the block was dropped meanwhile
		}
		turn, _ := snapshot.Expected()
		next, signer, err := snapshot.Apply(&h)
		if err != nil {
			break
		}
		if turn != signer && snapshot.MaySign(turn) { // one that signed the block before may not sign this one
			of(turn).Missed++
		}
		of(signer).Signed++
		of(signer).Last = n
		snapshot = next
		blocks++
	}
	for _, a := range snapshot.Signers() {
		of(a) // one that has signed nothing
	}
	result := &Clique{Blocks: blocks}
	for _, s := range seen {
		result.Signers = append(result.Signers, *s)
	}
	slices.SortFunc(result.Signers, func(a, b Signer) int { return strings.Compare(a.Address, b.Address) })
	return result
}
