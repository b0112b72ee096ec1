// SPDX-License-Identifier: Apache-2.0

package status_test

import (
	"fmt"
	"time"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/status"
)

// A node is a backend.
func ExampleCollect() {
	mainnet, _ := params.ByName("mainnet")
	node, err := ethpeer.New(ethpeer.Config{Chain: mainnet})
	if err != nil {
		panic(err)
	}
	report := status.Collect(time.Now(), node)
	fmt.Println(report.Chain.Name, "fork", report.Chain.Fork, "head", report.Held.Head, "peers", len(report.Peers))
	// Output:
	// mainnet fork fc64ec04 head 0 peers 0
}
