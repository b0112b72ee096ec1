// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// Next makes a block on top of b that keeps all rules of a chain that miners make, before Shanghai, but for the proof of
// work. It is made at a time in seconds, which must be later than b's; extra tells it from others at its place.
func (b *Block) Next(c *params.Chain, at uint64, extra string, items ...[]byte) *Block {
	p := &b.Header
	n := &Block{Header: types.Header{
		ParentHash: b.Hash, UncleHash: types.EmptyUncleHash, Root: p.Root, ReceiptRoot: types.EmptyRoot,
		Number: p.Number + 1, GasLimit: p.GasLimit, GasUsed: uint64(len(items)) * 21_000, Time: at, Extra: []byte(extra),
	}}
	r := c.Rules(n.Header.Number, at)
	n.Header.Difficulty = rules.NextDifficulty(c, &r, p, at)
	if r.London {
		n.Header.Optional, n.Header.BaseFee = types.LondonFields, rules.NextBaseFee(p)
	}
	for _, item := range items {
		n.Body.Txs = append(n.Body.Txs, item...)
	}
	n.Seal()
	n.TD.Add(&b.TD, &n.Header.Difficulty)
	return n
}

// Seal works out the roots of the body and the hash anew, after a change.
func (b *Block) Seal() {
	b.Header.Raw = nil
	b.Header.TxRoot, b.Header.UncleHash = b.Body.TxRoot(), b.Body.UncleHash()
	b.Hash = b.Header.Hash()
}
