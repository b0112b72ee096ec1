// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/internal/ecc"
	"github.com/ethpeer/ethpeer/types"
)

// A Link is what of a header says where the block belongs, and which body is its.
type Link struct {
	Hash, Parent types.Hash
	Number, Time uint64 // Time in seconds since 1970
	Difficulty   uint256.Int
	Roots        Roots
}

// Roots name a body: equal roots, equal body.
type Roots struct {
	Txs, Uncles    types.Hash
	Withdrawals    types.Hash
	HasWithdrawals bool // since EIP-4895
}

// What empty bodies have for roots.
var (
	emptyTrie = types.Hash(ecc.Sum256([]byte{0x80})) // the root of a trie without entries
	emptyList = types.Hash(ecc.Sum256([]byte{0xc0})) // the hash of no uncles
)

// Empty reports whether the body has no transactions, uncles or withdrawals, so that
// there is nothing to fetch.
func (r Roots) Empty() bool {
	return r.Txs == emptyTrie && r.Uncles == emptyList && (!r.HasWithdrawals || r.Withdrawals == emptyTrie)
}

// A Ref names a block.
type Ref struct {
	Number uint64
	Hash   types.Hash
}

// Ref returns the block's name.
func (l *Link) Ref() Ref { return Ref{l.Number, l.Hash} }
