// SPDX-License-Identifier: Apache-2.0

package probe_test

import (
	"context"
	"fmt"

	"github.com/ethpeer/ethpeer/devnet"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/probe"
)

// Ask a node of an embedded network what it says of itself.
func ExampleAsk() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	network, err := devnet.New(devnet.Config{Peers: 1})
	if err != nil {
		panic(err)
	}
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- network.Run(ctx, func() { close(ready) }) }()
	<-ready

	key, _ := ecc.ParsePrivateKey([]byte{31: 1})
	answer := probe.Ask(ctx, probe.Config{Key: key, Client: "example/v1"}, network.Nodes()[0])
	fmt.Println("reachable:", answer.Reachable(), answer.Err)
	fmt.Println("the same chain:", answer.Status.Genesis == network.Chain().GenesisHash)
	cancel()
	<-ended
	// Output:
	// reachable: true <nil>
	// the same chain: true
}
