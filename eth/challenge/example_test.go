// SPDX-License-Identifier: Apache-2.0

package challenge_test

import (
	"fmt"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/challenge"
	"github.com/ethpeer/ethpeer/params"
)

// Peers of Ethereum, which shares its genesis block with Ethereum Classic, are dropped for their block 1,920,000.
func Example() {
	chain, _ := params.ByName("classic")
	role, err := challenge.New(challenge.Config{Required: chain.Required})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := eth.New(eth.Config{Chain: chain, Roles: []eth.Role{role}}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(chain.Required[1_920_000])
	// Output: 0x94365e3a8c0b35089c1d1195081fe7489b528a84b22199c916180db8b28ade7f
}
