// SPDX-License-Identifier: Apache-2.0

package pebble_test

import (
	"fmt"
	"os"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/pebble"
	"github.com/ethpeer/ethpeer/params"
)

// A chain in a directory is there in the next run.
func Example() {
	dir, err := os.MkdirTemp("", "chain-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	sepolia, _ := params.ByName("sepolia")
	for range 2 {
		c, err := pebble.OpenChain(dir, chain.Config{Params: sepolia}, func(trouble string) { fmt.Println(trouble) })
		if err != nil {
			panic(err)
		}
		fmt.Println(c.Head().Number, c.Close())
	}
	// Output:
	// 0 <nil>
	// 0 <nil>
}
