// SPDX-License-Identifier: Apache-2.0

package chainsync_test

import (
	"context"
	"fmt"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/chainsync"
	"github.com/ethpeer/ethpeer/params"
)

// The role downloads into a chain. In a node, p2p/server opens a session of the protocol for each connection.
func Example() {
	sepolia, _ := params.ByName("sepolia")
	held, err := chain.Open(chain.Config{Params: sepolia})
	if err != nil {
		fmt.Println(err)
		return
	}
	download := chainsync.New(chainsync.Config{Chain: held})
	protocol, err := eth.New(eth.Config{Chain: sepolia, Roles: []eth.Role{download}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	stop() // in a node: when it ends
	download.Run(ctx)
	p := download.Progress()
	fmt.Printf("%s: syncing %t, block %d of %d, %d sessions\n", protocol.Name(), p.Syncing, p.Head, p.Target, len(protocol.Sessions()))
	// Output: eth: syncing false, block 0 of 0, 0 sessions
}
