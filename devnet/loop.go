// SPDX-License-Identifier: Apache-2.0

// in: time · out: transactions, blocks · goroutines: the loop, which is Run's own, and one
// for each server, with the server's own

package devnet

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/owner"
)

// Run runs the network until ctx ends, and joins all that it started. It calls ready, unless
// that is nil, when every peer accepts connections; transactions begin at the same time, the
// first block comes a period after the genesis block. It fails if a peer cannot listen.
func (n *Network) Run(ctx context.Context, ready func()) error {
	inner, fail := context.WithCancelCause(ctx)
	var servers sync.WaitGroup
	defer servers.Wait()
	defer fail(nil)
	if err := n.listen(inner, fail, &servers); err != nil {
		return err
	}
	if inner.Err() == nil {
		if ready != nil {
			ready()
		}
		if err := n.work(inner); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return nil
	}
	return context.Cause(inner)
}

// listen starts one peer after the other: each connects to those before it.
func (n *Network) listen(ctx context.Context, fail func(error), servers *sync.WaitGroup) error {
	nodes := make([]enr.Node, 0, len(n.peers))
	for i, p := range n.peers {
		var connect []enr.Node
		for j, other := range n.peers[:i] {
			if share(p, other) {
				connect = append(connect, nodes[j])
			}
		}
		listening := make(chan enr.Node, 1)
		s, err := p.server(connect, func(self enr.Node) { listening <- self })
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		servers.Go(func() {
			if err := p.run(ctx, s); err != nil {
				fail(fmt.Errorf("%s: %w", p.name, err))
			}
		})
		select {
		case node := <-listening:
			nodes = append(nodes, node)
		case <-ctx.Done():
			return nil
		}
	}
	n.nodes = nodes
	return nil
}

// A worker is the machine that signs transactions and seals blocks. The loop owns it.
type worker struct {
	*Network
	nextTx, nextBlock time.Time
	fail              func(error) // ends the loop
}

// work runs the loop until ctx ends. It fails if a transaction or a block cannot be made.
func (n *Network) work(ctx context.Context) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var failed error
	w := &worker{
		Network: n, nextTx: time.Now(), nextBlock: time.Unix(int64(n.chain.GenesisTime), 0).Add(n.period),
		fail: func(err error) { failed = err; fail(err) },
	}
	owner.NewLoop[*worker](nil).Run(ctx, w)
	return failed
}

// Tick implements [owner.Machine].
func (w *worker) Tick(now time.Time) time.Time {
	if !now.Before(w.nextTx) {
		if err := w.sign(); err != nil {
			w.fail(err)
			return time.Time{}
		}
		w.nextTx = later(w.nextTx.Add(w.pause), now)
	}
	if !now.Before(w.nextBlock) {
		if err := w.seal(now); err != nil {
			w.fail(err)
			return time.Time{}
		}
		w.nextBlock = later(w.nextBlock.Add(w.period), now)
	}
	if w.nextBlock.Before(w.nextTx) {
		return w.nextBlock
	}
	return w.nextTx
}

// later is the next time to do a thing: nothing is made up for.
func later(due, now time.Time) time.Time {
	if due.Before(now) {
		return now
	}
	return due
}

// sign gives a new transaction to some peer.
func (n *Network) sign() error {
	tx, err := n.wallet.next()
	if err != nil {
		return err
	}
	n.peers[n.rand.IntN(len(n.peers))].submit(tx)
	return nil
}

// seal makes a block, at the time that clique demands: the period, in whole seconds, after
// its parent, or later.
func (n *Network) seal(now time.Time) error {
	parent := n.sealer.chain.Head()
	earliest := parent.Time + uint64(n.period/time.Second)
	b, err := n.sealer.seal(max(earliest, uint64(now.Unix())))
	if err != nil {
		return fmt.Errorf("sealing a block: %w", err)
	}
	n.peers[0].blocks.Mined(b.header, b.body, &b.td)
	return nil
}
