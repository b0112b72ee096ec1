// SPDX-License-Identifier: Apache-2.0

package observer

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/interop/network"
)

// How often the nodes are asked.
const (
	blockEvery      = 50 * time.Millisecond
	connectionEvery = time.Second
)

// An Observer watches the nodes of a network.
type Observer struct {
	mu     sync.Mutex
	blocks map[string]Sighting // by hash
	polls  map[string][]Poll   // by node ID
	errs   []error

	cancel context.CancelFunc
	wait   sync.WaitGroup
}

// A Sighting is a block and when it was first visible on any of the nodes, at most 50 ms
// and the time of an RPC call too late.
type Sighting struct {
	network.Block
	Seen time.Time
}

// A Poll is what a node's admin_peers said at a time.
type Poll struct {
	Time        time.Time
	Connections []network.Connection
}

// Watch starts to watch nodes, until Stop or the end of the test.
func Watch(t testing.TB, nodes ...*network.Node) *Observer {
	ctx, cancel := context.WithCancel(t.Context())
	o := &Observer{blocks: map[string]Sighting{}, polls: map[string][]Poll{}, cancel: cancel}
	for _, n := range nodes {
		o.wait.Go(func() { o.every(ctx, blockEvery, o.blockPoll(n)) })
		o.wait.Go(func() { o.every(ctx, connectionEvery, o.connectionPoll(n)) })
	}
	t.Cleanup(o.Stop)
	return o
}

// Stop ends the watch and waits for it.
func (o *Observer) Stop() {
	o.cancel()
	o.wait.Wait()
}

// Errors returns what went wrong with the questions. Call it after Stop.
func (o *Observer) Errors() []error { return o.errs }

// Blocks returns the blocks that became visible from one time to another, by number. Call
// it after Stop.
func (o *Observer) Blocks(from, to time.Time) []Sighting {
	var bs []Sighting
	for _, b := range o.blocks {
		if !b.Seen.Before(from) && !b.Seen.After(to) {
			bs = append(bs, b)
		}
	}
	slices.SortFunc(bs, func(a, b Sighting) int { return int(a.Number) - int(b.Number) })
	return bs
}

// Polls returns what a node said about its connections from one time to another. Call it
// after Stop.
func (o *Observer) Polls(n *network.Node, from, to time.Time) []Poll {
	var ps []Poll
	for _, p := range o.polls[n.ID] {
		if !p.Time.Before(from) && !p.Time.After(to) {
			ps = append(ps, p)
		}
	}
	return ps
}

// every calls ask at an interval, at once if the last call took longer.
func (o *Observer) every(ctx context.Context, interval time.Duration, ask func(context.Context) error) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if err := ask(ctx); err != nil && ctx.Err() == nil {
			o.mu.Lock()
			o.errs = append(o.errs, err)
			o.mu.Unlock()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// blockPoll records the newest block of a node, and those that came since the last poll.
func (o *Observer) blockPoll(n *network.Node) func(context.Context) error {
	var last network.Block
	return func(ctx context.Context) error {
		b, err := n.Latest(ctx)
		if err != nil || b.Hash == last.Hash {
			return err
		}
		seen := time.Now()
		o.add(b, seen)
		for i := last.Number + 1; last.Hash != "" && i < b.Number; i++ {
			missed, err := n.BlockAt(ctx, i)
			if err != nil {
				return fmt.Errorf("%s: block %d: %w", n.Name, i, err)
			}
			o.add(missed, seen)
		}
		last = b
		return nil
	}
}

func (o *Observer) connectionPoll(n *network.Node) func(context.Context) error {
	return func(ctx context.Context) error {
		cs, err := n.Connections(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", n.Name, err)
		}
		o.mu.Lock()
		o.polls[n.ID] = append(o.polls[n.ID], Poll{time.Now(), cs})
		o.mu.Unlock()
		return nil
	}
}

func (o *Observer) add(b network.Block, seen time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if first, ok := o.blocks[b.Hash]; !ok || seen.Before(first.Seen) {
		o.blocks[b.Hash] = Sighting{b, seen}
	}
}
