// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/ethpeer/ethpeer/types"
)

// What can be wrong with a header. Match with errors.Is.
var (
	ErrNumber     = errors.New("number is not the parent's plus one")
	ErrParent     = errors.New("parent hash is not the parent's")
	ErrTime       = errors.New("time is before the parent's")
	ErrGas        = errors.New("more gas used than the limit allows")
	ErrGasLimit   = errors.New("gas limit is above 2^63-1")
	ErrDifficulty = errors.New("difficulty has more than 80 bits")
	ErrExtra      = errors.New("extra data is longer than 100 KiB")
	ErrFuture     = errors.New("time is more than 15 s ahead of our clock")
)

// MaxAhead is how far a header's time may be ahead of our clock: what go-ethereum allows.
const MaxAhead = 15 * time.Second

// Bounds that no header exceeds. Proof of work allows 32 bytes of extra data; clique adds
// a seal, and the list of signers in some blocks (EIP-225).
const (
	maxDifficultyBits = 80
	maxExtra          = 100 << 10
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
	case h.GasLimit > math.MaxInt64:
		problem = ErrGasLimit
	case h.GasUsed > h.GasLimit:
		problem = ErrGas
	default:
		return nil
	}
	return fmt.Errorf("block %d: %w", h.Number, problem)
}

// CheckTime returns [ErrFuture] if the block's time is more than MaxAhead after now. Our clock
// may be the one that is wrong, so that the sender of such a header is not at fault.
func CheckTime(now time.Time, l *Link) error {
	if limit := now.Add(MaxAhead).Unix(); limit < 0 || l.Time > uint64(limit) {
		return fmt.Errorf("block %d at %d: %w", l.Number, l.Time, ErrFuture)
	}
	return nil
}

// CheckLink checks the rules that a block and its parent show without state: hash,
// number and time. Where blocks have no difficulty (EIP-3675) time must grow; a clique
// chain with period 0 seals several blocks in one second.
func CheckLink(parent, child *Link) error {
	switch {
	case child.Parent != parent.Hash:
		return fmt.Errorf("block %d: %w", child.Number, ErrParent)
	case parent.Number+1 != child.Number || child.Number == 0:
		return fmt.Errorf("block %d on %d: %w", child.Number, parent.Number, ErrNumber)
	case child.Time < parent.Time, child.Time == parent.Time && child.Difficulty.IsZero():
		return fmt.Errorf("block %d at %d, its parent at %d: %w", child.Number, child.Time, parent.Time, ErrTime)
	}
	return nil
}
