// SPDX-License-Identifier: Apache-2.0

package rules_test

import (
	"errors"
	"fmt"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// A header with too little difficulty breaks a rule, which the error names.
func ExampleCheck() {
	mainnet, _ := params.ByName("mainnet")
	genesis, err := types.DecodeHeader(mainnet.Genesis)
	if err != nil {
		fmt.Println(err)
		return
	}
	h := types.Header{
		ParentHash: genesis.Hash(), Number: 1, Time: 1_438_269_988, GasLimit: 5000,
		UncleHash: types.EmptyUncleHash, Difficulty: genesis.Difficulty,
	}
	err = rules.Check(mainnet, &genesis, &h)
	if broken, ok := errors.AsType[*rules.Error](err); ok {
		fmt.Println(broken.Rule, "is wrong:", err)
	}
	// Output: difficulty is wrong: block 1: difficulty: is 17179869184, not 17171480576
}
