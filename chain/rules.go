// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/types"
)

// What can be wrong with a header. Match with errors.Is.
var (
	ErrNumber     = errors.New("number is not the parent's plus one")
	ErrParent     = errors.New("parent hash is not the parent's")
	ErrTime       = errors.New("time is before the parent's")
	ErrGas        = errors.New("more gas used than the limit allows")
	ErrGasLimit   = errors.New("gas limit is not between 5,000 and 2^63-1")
	ErrGasJump    = errors.New("gas limit is more than twice the parent's, or less than half of it")
	ErrTxs        = errors.New("more transactions than the gas used allows")
	ErrDifficulty = errors.New("difficulty has more than 80 bits")
	ErrExtra      = errors.New("extra data is longer than 100 KiB")
	ErrFuture     = errors.New("time is more than 15 s ahead of our clock")
	ErrPace       = errors.New("there are more blocks than seconds")
)

// MaxAhead is how far a header's time may be ahead of our clock: what go-ethereum allows.
const MaxAhead = 15 * time.Second

// Bounds that no header exceeds. Proof of work allows 32 bytes of extra data; clique adds
// a seal, and the list of signers in some blocks (EIP-225).
const (
	maxDifficultyBits = 80
	maxExtra          = 100 << 10
	minGasLimit       = 5000 // of every block but the genesis block (Yellow Paper, 4.3.4)
)

// CheckHeader checks the rules that a header shows by itself
// (devp2p/caps/eth.md#block-encoding-and-validity).
func CheckHeader(h *types.Header) error {
	var problem error
	switch {
	case h.Difficulty.BitLen() > maxDifficultyBits:
		problem = ErrDifficulty
	case len(h.Extra) > maxExtra:
		problem = ErrExtra
	case h.GasLimit > math.MaxInt64, h.GasLimit < minGasLimit && h.Number > 0:
		problem = ErrGasLimit
	case h.GasUsed > h.GasLimit:
		problem = ErrGas
	default:
		return nil
	}
	return fmt.Errorf("block %d: %w", h.Number, problem)
}

// MaxTxs returns how many transactions the block can have: each uses 21,000 gas or more, 10,500 before
// London, 4,500 from Amsterdam on. The header's fields show the fork. It holds for every chain that
// package params accepts; chains whose blocks have transactions at no cost are refused there.
func MaxTxs(h *types.Header) uint64 { return h.GasUsed / rules.MinTxGas(h) }

// CheckTxs returns [ErrTxs] if a body with this many transactions cannot be the block's. It costs
// nothing, and comes before the body's roots.
func CheckTxs(count int, l *Link) error {
	if uint64(count) > l.MaxTxs { //nolint:gosec // not negative
		return fmt.Errorf("block %d has %d: %w", l.Number, count, ErrTxs)
	}
	return nil
}

// CheckPace returns [ErrPace] if the number grew by more than the seconds since an earlier block, such
// as the genesis block or the parent. Blocks of a clique chain with period 0 (EIP-225) may do so; those
// of no other chain.
func CheckPace(earlier, l *Link) error {
	if l.Number > earlier.Number && (l.Time < earlier.Time || l.Number-earlier.Number > l.Time-earlier.Time) {
		return fmt.Errorf("block %d at %d, block %d at %d: %w", l.Number, l.Time, earlier.Number, earlier.Time, ErrPace)
	}
	return nil
}

// GasLimitFits reports whether two blocks that are not far from each other can have these gas limits: a
// gas limit changes by less than a 1024th from block to block, and doubles in the first London block
// (EIP-1559). A limit of 0 is not known, and fits.
func GasLimitFits(a, b uint64) bool {
	less, more := min(a, b), max(a, b)
	return less == 0 || more/2 <= less || more/2-less <= less/16
}

// CheckTime returns [ErrFuture] if the block's time is more than MaxAhead after now. Our clock
// may be the one that is wrong, so that the sender of such a header is not at fault.
func CheckTime(now time.Time, l *Link) error { return checkTime(now, l.Number, l.Time) }

func checkTime(now time.Time, number, at uint64) error {
	if limit := now.Add(MaxAhead).Unix(); limit < 0 || at > uint64(limit) {
		return fmt.Errorf("block %d at %d: %w", number, at, ErrFuture)
	}
	return nil
}

// CheckLink checks the rules that a block and its parent show without state: hash,
// number, time and gas limit. Where blocks have no difficulty (EIP-3675) time must grow; a clique
// chain with period 0 seals several blocks in one second.
func CheckLink(parent, child *Link) error {
	switch {
	case child.Parent != parent.Hash:
		return fmt.Errorf("block %d: %w", child.Number, ErrParent)
	case parent.Number+1 != child.Number || child.Number == 0:
		return fmt.Errorf("block %d on %d: %w", child.Number, parent.Number, ErrNumber)
	case child.Time < parent.Time, child.Time == parent.Time && child.Difficulty.IsZero():
		return fmt.Errorf("block %d at %d, its parent at %d: %w", child.Number, child.Time, parent.Time, ErrTime)
	case !GasLimitFits(parent.GasLimit, child.GasLimit):
		return fmt.Errorf("block %d has %d, its parent %d: %w", child.Number, child.GasLimit, parent.GasLimit, ErrGasJump)
	}
	return nil
}
