// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/types"
)

// A Link is the part of a header that says where the block belongs and which body it has.
type Link struct {
	Hash, Parent types.Hash
	Number, Time uint64 // Time in seconds since 1970
	Difficulty   uint256.Int
	GasLimit     uint64 // 0: not known
	MaxTxs       uint64 // how many transactions the gas used allows, as the function MaxTxs says
	Roots        Roots
	Size         int // bytes of the header's RLP; 0 where the header was not read from bytes
}

// LinkOf returns the header's link. It hashes the header.
func LinkOf(h *types.Header) Link { return linkOf(h, h.Hash()) }

func linkOf(h *types.Header, hash types.Hash) Link {
	return Link{
		Hash: hash, Parent: h.ParentHash, Number: h.Number, Time: h.Time, Difficulty: h.Difficulty, Size: len(h.Raw),
		GasLimit: h.GasLimit, MaxTxs: MaxTxs(h), Roots: rootsOf(h),
	}
}

// rootsOf returns the roots that a header has.
func rootsOf(h *types.Header) Roots {
	return Roots{
		Txs: h.TxRoot, Uncles: h.UncleHash,
		Withdrawals: h.WithdrawalsRoot, HasWithdrawals: h.Optional >= types.ShanghaiFields,
	}
}

// Roots identify a body: bodies with equal roots are equal
// (devp2p/caps/eth.md#block-encoding-and-validity).
type Roots struct {
	Txs, Uncles    types.Hash
	Withdrawals    types.Hash
	HasWithdrawals bool // since EIP-4895
}

// RootsOf returns the roots of a body. It hashes the whole body.
func RootsOf(b *types.Body) Roots {
	r := Roots{Txs: b.TxRoot(), Uncles: b.UncleHash(), HasWithdrawals: b.HasWithdrawals}
	if b.HasWithdrawals {
		r.Withdrawals = b.WithdrawalsRoot()
	}
	return r
}

// Empty reports whether the body has no transactions, uncles or withdrawals, so that
// it need not be fetched.
func (r Roots) Empty() bool {
	return r.Txs == types.EmptyRoot && r.Uncles == types.EmptyUncleHash &&
		(!r.HasWithdrawals || r.Withdrawals == types.EmptyRoot)
}

// A Ref names a block.
type Ref struct {
	Number uint64
	Hash   types.Hash
}

// Ref returns the block's name.
func (l *Link) Ref() Ref { return Ref{l.Number, l.Hash} }
