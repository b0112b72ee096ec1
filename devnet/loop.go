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
			if err := s.Run(ctx); err != nil {
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

// work signs transactions and seals blocks, when it is time for each.
func (n *Network) work(ctx context.Context) error {
	now := time.Now()
	nextTx, nextBlock := now, time.Unix(int64(n.chain.GenesisTime), 0).Add(n.period)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now = <-timer.C:
		}
		if !now.Before(nextTx) {
			if err := n.sign(); err != nil {
				return err
			}
			nextTx = later(nextTx.Add(n.pause), now)
		}
		if !now.Before(nextBlock) {
			if err := n.seal(now); err != nil {
				return err
			}
			nextBlock = later(nextBlock.Add(n.period), now)
		}
		timer.Reset(max(0, min(time.Until(nextTx), time.Until(nextBlock))))
	}
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
	earliest := n.sealer.ledger.head().Header.Time + uint64(n.period/time.Second)
	b, err := n.sealer.seal(max(earliest, uint64(now.Unix())))
	if err != nil {
		return fmt.Errorf("sealing a block: %w", err)
	}
	n.peers[0].tellBlock(b)
	return nil
}
