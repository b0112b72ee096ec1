// SPDX-License-Identifier: Apache-2.0

package beacon_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/chain/head/beacon"
	"github.com/ethpeer/ethpeer/chain/light"
	chains "github.com/ethpeer/ethpeer/internal/test/beacon"
)

// A follower names the head that a beacon node proves.
func Example() {
	chain := chains.New(chains.Config{ // stands for the network
		Seed: "example", Genesis: uint64(time.Now().Unix()) - 50*12, SecondsPerSlot: 12, SlotsPerEpoch: 8, EpochsPerPeriod: 8, Size: 32,
		Forks: []chains.Fork{{Name: "electra", Version: [4]byte{5}}},
	})
	checkpoint := light.Root(chain.At(8).Root) // from the operator
	node := httptest.NewServer(&chains.Node{Chain: chain})
	defer node.Close()

	// The node states the network's parameters.
	follower, err := beacon.New(beacon.Config{URLs: []string{node.URL}, Checkpoint: checkpoint})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	err = follower.Run(ctx, func(b head.Believed) {
		fmt.Println(b.By, b.Proved, b.Lag, b.Number >= 49)
		cancel()
	})
	fmt.Println(err)
	// Output:
	// light true 1 true
	// context canceled
}
