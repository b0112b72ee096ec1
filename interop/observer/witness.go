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

// A Witness watches the nodes of a network.
type Witness struct {
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
func Watch(t testing.TB, nodes ...*network.Node) *Witness {
	ctx, cancel := context.WithCancel(t.Context())
	w := &Witness{blocks: map[string]Sighting{}, polls: map[string][]Poll{}, cancel: cancel}
	for _, n := range nodes {
		w.wait.Go(func() { w.every(ctx, blockEvery, w.blockPoll(n)) })
		w.wait.Go(func() { w.every(ctx, connectionEvery, w.connectionPoll(n)) })
	}
	t.Cleanup(w.Stop)
	return w
}

// Stop ends the watch and waits for it.
func (w *Witness) Stop() {
	w.cancel()
	w.wait.Wait()
}

// Errors returns what went wrong with the questions. Call it after Stop.
func (w *Witness) Errors() []error { return w.errs }

// Blocks returns the blocks that became visible from one time to another, by number. Call
// it after Stop.
func (w *Witness) Blocks(from, to time.Time) []Sighting {
	var bs []Sighting
	for _, b := range w.blocks {
		if !b.Seen.Before(from) && !b.Seen.After(to) {
			bs = append(bs, b)
		}
	}
	slices.SortFunc(bs, func(a, b Sighting) int { return int(a.Number) - int(b.Number) })
	return bs
}

// Polls returns what a node said about its connections from one time to another. Call it
// after Stop.
func (w *Witness) Polls(n *network.Node, from, to time.Time) []Poll {
	var ps []Poll
	for _, p := range w.polls[n.ID] {
		if !p.Time.Before(from) && !p.Time.After(to) {
			ps = append(ps, p)
		}
	}
	return ps
}

// every calls ask at an interval, at once if the last call took longer.
func (w *Witness) every(ctx context.Context, interval time.Duration, ask func(context.Context) error) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if err := ask(ctx); err != nil && ctx.Err() == nil {
			w.mu.Lock()
			w.errs = append(w.errs, err)
			w.mu.Unlock()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// blockPoll records the newest block of a node, and those that came since the last poll.
func (w *Witness) blockPoll(n *network.Node) func(context.Context) error {
	var last network.Block
	return func(ctx context.Context) error {
		b, err := n.Latest(ctx)
		if err != nil || b.Hash == last.Hash {
			return err
		}
		seen := time.Now()
		w.add(b, seen)
		for i := last.Number + 1; last.Hash != "" && i < b.Number; i++ {
			missed, err := n.BlockAt(ctx, i)
			if err != nil {
				return fmt.Errorf("%s: block %d: %w", n.Name, i, err)
			}
			w.add(missed, seen)
		}
		last = b
		return nil
	}
}

func (w *Witness) connectionPoll(n *network.Node) func(context.Context) error {
	return func(ctx context.Context) error {
		cs, err := n.Connections(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", n.Name, err)
		}
		w.mu.Lock()
		w.polls[n.ID] = append(w.polls[n.ID], Poll{time.Now(), cs})
		w.mu.Unlock()
		return nil
	}
}

func (w *Witness) add(b network.Block, seen time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if first, ok := w.blocks[b.Hash]; !ok || seen.Before(first.Seen) {
		w.blocks[b.Hash] = Sighting{b, seen}
	}
}
