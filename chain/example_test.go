// SPDX-License-Identifier: Apache-2.0

package chain_test

import (
	"fmt"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/types"
)

// A header is checked by itself and beside its parent.
func Example() {
	parent := types.Header{Number: 9, Time: 100, GasLimit: 30_000_000, Difficulty: *uint256.NewInt(2)}
	child := types.Header{
		ParentHash: parent.Hash(), Number: 10, Time: 99, GasLimit: 30_000_000, Difficulty: *uint256.NewInt(2),
	}
	fmt.Println(chain.CheckHeader(&child))
	a, b := chain.LinkOf(&parent), chain.LinkOf(&child)
	fmt.Println(chain.CheckLink(&a, &b))
	// Output:
	// <nil>
	// block 10 at 99, its parent at 100: time is before the parent's
}
