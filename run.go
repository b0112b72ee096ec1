// SPDX-License-Identifier: Apache-2.0

// in: the end of a context · out: an error · goroutines: one for each loop of the parts

package ethpeer

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Run listens, looks for peers and dials until ctx ends. Then it disconnects every peer with
// "client quitting" (devp2p/rlpx.md#disconnect-0x01) and waits for all goroutines that it started. It fails at once if it
// cannot listen, and when a source of Config.Heads cannot go on. A Node runs once.
//
// The sources of heads start first, so that a consensus client that calls at once finds a listener. The server ends
// first, so that no connection begins while the roles end.
func (n *Node) Run(ctx context.Context) error {
	defer n.events.Close()
	now := time.Now()
	n.started.Store(&now)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var naming sync.WaitGroup
	var broken error // of a source; read after naming.Wait
	naming.Go(func() {
		if err := n.heads.Run(ctx); err != nil && ctx.Err() == nil {
			broken = err
			stop()
		}
	})
	err := n.runNetwork(ctx, stop)
	stop()
	naming.Wait()
	return errors.Join(err, broken)
}

// runNetwork runs everything but the sources of heads, until ctx ends.
func (n *Node) runNetwork(ctx context.Context, stop func()) error {
	if err := n.host.Open(); err != nil {
		return err
	}
	var broken error // of the host; read after loops.Wait
	// What serves the sessions runs until the last of them has ended.
	after, end := context.WithCancel(context.WithoutCancel(ctx))
	var loops sync.WaitGroup
	for _, role := range []func(context.Context){n.txs.Run, n.blocks.Run, n.sync.Run, n.follow} {
		loops.Go(func() { role(after) })
	}
	loops.Go(func() { _ = n.db.Run(after, n.cfg.Record) }) // what it cannot write is a loss that it records
	loops.Go(func() {
		if broken = n.host.Run(ctx); broken != nil {
			stop()
		}
	})
	err := n.server.Run(ctx)
	stop() // the server could not listen, perhaps
	end()
	loops.Wait()
	return errors.Join(err, broken)
}
