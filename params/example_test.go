// SPDX-License-Identifier: Apache-2.0

package params_test

import (
	"fmt"

	"github.com/ethpeer/ethpeer/params"
)

// A chain by name says which fork ID to announce at a head, whether a peer's fits, and under
// which rules a block is.
func Example() {
	c, _ := params.ByName("sepolia")
	head := struct{ number, time uint64 }{9_000_000, 1760427360}
	ours := c.ForkID(head.number, head.time)
	fmt.Println(c.GenesisHash, ours)

	mainnet, _ := params.ByName("mainnet")
	theirs := mainnet.ForkID(23_000_000, head.time)
	fmt.Println(c.CheckForkID(theirs, head.number, head.time) == nil)

	rules := c.Rules(head.number, head.time)
	fmt.Println(rules.Osaka, rules.Amsterdam, rules.Blobs.Max)
	// Output:
	// 0x25a5cc106eea7138acab33231d7160d69cb777ee0c2c553fcddf5138993e6dd9 0xe2ae4999/1761017184
	// false
	// true false 9
}

// A genesis file has a chain, or an error that names what is wrong; what will work in part
// is in its warnings.
func ExampleParseGenesis() {
	c, err := params.ParseGenesis([]byte(`{
		"config": {"chainId": 7331, "homesteadBlock": 0, "bor": {}},
		"difficulty": "1", "gasLimit": "0x1c9c380", "alloc": {}
	}`))
	fmt.Println(c.NetworkID, c.GenesisHash, err)
	for _, w := range c.Warnings {
		fmt.Println(w)
	}
	_, err = params.ParseGenesis([]byte(`{"config": {"chainId": 7331, "londonBlock": "soon"}}`))
	fmt.Println(err)
	// Output:
	// 7331 0x4ac0c9019e184b0ed333b977bb246084aadcf68d478618a2a33a2dd35e07afbb <nil>
	// config.bor: Polygon's nodes announce eth/69 with a Status that eth/69 does not have: only eth/68 works (--eth 68)
	// genesis file: config.londonBlock: "soon" is no whole number; write it like 1337 or "0x539"
}
