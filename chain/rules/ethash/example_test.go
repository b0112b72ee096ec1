// SPDX-License-Identifier: Apache-2.0

package ethash_test

import (
	"fmt"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain/rules/ethash"
	"github.com/ethpeer/ethpeer/types"
)

// A header that was not mined has no proof of work. The epoch is the small one of test
// networks; of mainnet's, ethash.Mainnet(h.Number) gives the epoch.
func ExampleCache_Check() {
	cache, err := ethash.NewCache(ethash.Test(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	h := types.Header{Number: 1, Difficulty: *uint256.NewInt(131_072)}
	fmt.Println(cache.Check(&h) != nil)
	// Output: true
}
