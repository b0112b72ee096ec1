// SPDX-License-Identifier: Apache-2.0

package devnet_test

import (
	"context"
	"fmt"
	"log"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/devnet"
	"github.com/ethpeer/ethpeer/event"
)

// A node connects to a network that lives in the same process, and waits for the first
// block that has transactions.
func Example() {
	network, err := devnet.New(devnet.Config{})
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 2)
	go func() { ended <- network.Run(ctx, func() { close(ready) }) }()
	<-ready

	node, err := ethpeer.New(ethpeer.Config{Chain: network.Chain(), Static: network.Nodes()})
	if err != nil {
		log.Fatal(err)
	}
	events := node.Subscribe(nil, 0)
	go func() { ended <- node.Run(ctx) }()
	for e := range events.All(nil) {
		if b, ok := e.(event.Block); ok && b.Txs > 0 {
			fmt.Println("a block with transactions")
			break
		}
	}
	cancel()
	fmt.Println(<-ended, <-ended)
	// Output:
	// a block with transactions
	// <nil> <nil>
}
