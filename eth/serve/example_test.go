// SPDX-License-Identifier: Apache-2.0

package serve_test

import (
	"fmt"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/serve"
	"github.com/ethpeer/ethpeer/params"
)

// A protocol whose sessions answer every request, from the genesis block.
func Example() {
	chain, _ := params.ByName("mainnet")
	genesis, err := serve.Genesis(chain)
	if err != nil {
		fmt.Println(err)
		return
	}
	answers := serve.New(serve.Config{Chain: genesis})
	protocol, err := eth.New(eth.Config{Chain: chain, Roles: []eth.Role{answers}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(protocol.Name(), "answers", len(answers.Kinds()), "kinds of requests")
	// Output: eth answers 7 kinds of requests
}
