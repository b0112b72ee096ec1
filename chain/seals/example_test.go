// SPDX-License-Identifier: Apache-2.0

package seals_test

import (
	"fmt"

	"github.com/ethpeer/ethpeer/chain/seals"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// A header without work is refused. Test sizes keep the example short.
func Example() {
	s := seals.New(seals.Config{Params: &params.Chain{}, Test: true})
	defer s.Close()
	fmt.Println(s.Check(&types.Header{Number: 7}))
	// Output: block 7: difficulty: is 0: there is no work to prove
}
