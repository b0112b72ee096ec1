// SPDX-License-Identifier: Apache-2.0

package txgossip_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/txgossip"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// A role that records transactions: its loop runs for as long as there are sessions. Here the
// transaction comes from a block; one without a valid signature is counted, not told.
func Example() {
	chain, _ := params.ByName("mainnet")
	heard := make(chan event.Event, 1)
	txs := txgossip.New(txgossip.Config{Record: func(e event.Event) { heard <- e }})
	if _, err := eth.New(eth.Config{Chain: chain, Roles: []eth.Role{txs}}); err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	var loop sync.WaitGroup
	loop.Go(func() { txs.Run(ctx) })
	txs.FromBlock(time.Now(), event.Source{Client: "a peer"}, item())
	loss := (<-heard).(event.Loss)
	fmt.Println(loss.Where, loss.Count)
	cancel()
	loop.Wait()
	// Output: txgossip.invalid 1
}

// item is a transaction of type 2 without a signature, as lists hold it.
func item() []byte {
	tx := types.Tx{Type: types.DynamicFeeTx, Gas: 21_000}
	return tx.AppendItem(nil)
}
