// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"errors"
	"fmt"
)

// What can be wrong with a header. Match with errors.Is.
var (
	ErrNumber   = errors.New("number is not the parent's plus one")
	ErrParent   = errors.New("parent hash is not the parent's")
	ErrTime     = errors.New("time is before the parent's")
	ErrGas      = errors.New("more gas used than allowed")
	ErrGasLimit = errors.New("gas limit is above 2^63-1")
	ErrExtra    = errors.New("extra data is too long")
)

// CheckLink checks what a block and its parent show of each other without state: hash,
// number and time. Where blocks have no difficulty (EIP-3675) time must grow; a clique
// chain with period 0 seals several in one second.
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
