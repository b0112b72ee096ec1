// SPDX-License-Identifier: Apache-2.0

package chainsync

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/params"
)

// A bench is a node under test with this role alone, in a bubble whose clock is after all blocks.
type bench struct {
	t     *testing.T
	c     *params.Chain
	chain *chain.Chain
	sync  *Sync
	node  *peers.Node

	mu     sync.Mutex // guards events
	events []event.Sync
}

// note keeps the events of this role.
func (b *bench) note(e event.Event) {
	if e, ok := e.(event.Sync); ok {
		b.mu.Lock()
		b.events = append(b.events, e)
		b.mu.Unlock()
	}
}

// blocks is how long the chains of tests are.
var blocks = map[bool]int{false: 2000, true: 450}[bubble.Race]

func inBubble(t *testing.T, c *params.Chain, cfg chain.Config, do func(b *bench)) {
	t.Helper()
	bubble.Test(t, func(t *testing.T) {
		b := &bench{t: t, c: c}
		cfg.Params, cfg.Record = c, event.Recorder(b.note)
		var err error
		if b.chain, err = chain.Open(cfg); err != nil {
			t.Fatal(err)
		}
		b.start()
		do(b)
		b.node.Stop()
	})
}

// pause lets time pass, in the bubble.
func pause(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (b *bench) start() {
	b.sync = New(Config{Chain: b.chain, Record: b.note})
	b.node = peers.Start(b.t, eth.Config{Chain: b.c, Roles: []eth.Role{b.sync}, Record: b.note})
	b.node.Go(b.sync.Run)
}

// wait waits until the chain ends on a block and everything is here that is kept, or fails after so long.
func (b *bench) wait(l line, most time.Duration) {
	b.t.Helper()
	began := time.Now()
	for time.Since(began) < most {
		pause(time.Second)
		if p := b.sync.Progress(); b.chain.Head().Hash == l.last().hash && p.BlocksLeft == 0 && !p.Syncing {
			b.has(l)
			return
		}
	}
	b.t.Fatalf("after %v the head is %d of %d: %+v", most, b.chain.Head().Number, l.last().Number, b.sync.Progress())
}

// has checks that the chain holds the line as far as it is kept.
func (b *bench) has(l line) {
	b.t.Helper()
	_, low := b.chain.Kept()
	for n := max(1, b.chain.Tail()); n < uint64(len(l)); n++ {
		h, ok := b.chain.Canonical(n)
		if !ok || h != l[n].hash {
			b.t.Fatalf("block %d is %v, want %v", n, h, l[n].hash)
		}
		if n >= low && (string(b.chain.Body(h)) != string(l[n].body) || string(b.chain.Receipts(h)) != string(l[n].receipts)) {
			b.t.Fatalf("block %d: body %x, receipts %x", n, b.chain.Body(h), b.chain.Receipts(h))
		}
	}
}

func TestForward(t *testing.T) {
	c := mined()
	l := genesisOf(c).grow(c, blocks, 2, 1)
	inBubble(t, c, chain.Config{History: chain.HistoryFull}, func(b *bench) {
		for i, v := range []wire.Version{63, 65, 66, 68, 68} {
			serve(t, b.node, fmt.Sprint("peer", i), v, l)
		}
		b.wait(l, time.Minute)
	})
}

func TestBackward(t *testing.T) {
	c := staked()
	l := genesisOf(c).grow(c, blocks, 2, 1)
	inBubble(t, c, chain.Config{History: chain.HistoryFull}, func(b *bench) {
		for i, v := range []wire.Version{66, 68, 69, 70, 71} {
			serve(t, b.node, fmt.Sprint("peer", i), v, l)
		}
		b.sync.Believe(head.Believed{Ref: chain.Ref{Hash: l.last().hash}, By: event.HeadByFixed})
		b.wait(l, time.Minute)
	})
}
