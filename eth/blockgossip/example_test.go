// SPDX-License-Identifier: Apache-2.0

package blockgossip_test

import (
	"context"
	"fmt"
	"time"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/blockgossip"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/params"
)

// The role is one of an eth.Protocol. What it learns it records; Body gets the transactions of new
// blocks.
func Example() {
	c, _ := params.ByName("classic")
	blocks := blockgossip.New(blockgossip.Config{
		Params: c,
		Record: func(e event.Event) { fmt.Println(e.Kind()) },
		Body:   func(_ time.Time, by event.Source, txs []byte) { fmt.Println(len(txs), "bytes from", by.Client) },
	})
	protocol, err := eth.New(eth.Config{Chain: c, Roles: []eth.Role{blocks}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // normally when the last session has ended
	blocks.Run(ctx)
	fmt.Println(len(protocol.Sessions()), "sessions")
	// Output: 0 sessions
}
