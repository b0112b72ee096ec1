// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"github.com/holiman/uint256"

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

// A Ref names a block.
type Ref struct {
	Number uint64
	Hash   types.Hash
}

// Ref returns the block's name.
func (l *Link) Ref() Ref { return Ref{l.Number, l.Hash} }
