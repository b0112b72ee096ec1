// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// checkStage checks what holds of a stage between any two calls.
func checkStage(t *testing.T, s *stage) {
	t.Helper()
	var txs, blocks, bytes int
	for i, l := range s.turns {
		if l.empty() || slices.Contains(s.turns[:i], l) {
			t.Errorf("line %v has a turn, and nothing in it or two turns", l.peer)
		}
		lineTxs, lineBytes := 0, 0
		for _, j := range l.jobs {
			lineTxs += len(j.all)
		}
		for _, b := range l.blocks {
			lineBytes += b.size
		}
		if lineTxs != l.txs || lineBytes != l.bytes {
			t.Errorf("line %v has %d transactions and %d bytes, and counts %d and %d", l.peer, lineTxs, lineBytes, l.txs, l.bytes)
		}
		txs, blocks, bytes = txs+lineTxs, blocks+len(l.blocks), bytes+lineBytes
	}
	if txs != s.txs || blocks != s.blocks || bytes != s.bytes {
		t.Errorf("%d transactions, %d blocks, %d bytes; counted %d, %d, %d", txs, blocks, bytes, s.txs, s.blocks, s.bytes)
	}
	for id, l := range s.lines {
		if l.closed && l.empty() || id != l.peer {
			t.Errorf("line %v is kept", id)
		}
	}
}

// fresh returns a job of n transactions that are to be recovered.
func fresh(by byte, n int) job {
	all := make([]heard, n)
	for i := range all {
		all[i].read = new(reading)
	}
	return job{arrival: arrival{by: source(by)}, all: all}
}

// closed is a channel of one that waits for nothing.
func closed() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

func TestPeersHaveTurns(t *testing.T) {
	g := New(Config{})
	s := g.stage
	a, b := s.open(enr.ID{1}, new(credit), nil), s.open(enr.ID{2}, new(credit), nil)
	s.put(nil, a, fresh(1, 3*16))
	s.put(nil, a, fresh(1, 1))
	g.FromBlock(time.Now(), source(1), items(2*16, 10))
	s.put(nil, b, fresh(2, 16))
	s.put(nil, b, fresh(2, 1))
	from, txs := parts(s)
	// broadcasts and blocks of one peer share its turns, one of each in turn
	if want := []byte{1, 2, 1, 2, 1, 1, 1, 1}; !slices.Equal(from, want) || txs != 6*16+2 {
		t.Errorf("%d transactions, in batches of %v; want %v", txs, from, want)
	}
	checkStage(t, s)
}

// What needs no recovery is not counted in a share, and is bounded too.
func TestBatchCountsRecoveries(t *testing.T) {
	mixed := fresh(1, 100).all
	for i := range mixed {
		if i%4 != 0 {
			mixed[i].read = nil
		}
	}
	for _, c := range []struct {
		all   []heard
		share int
		want  int
	}{
		{fresh(1, 100).all, 16, 16},
		{fresh(1, 100).all, 1, 1},
		{fresh(1, 10).all, 16, 10},
		{mixed, 16, 61},
		{mixed, 4, 13},
		{make([]heard, 100), 16, 64},
		{nil, 16, 0},
	} {
		if got := cutHeard(c.all, c.share); got != c.want {
			t.Errorf("%d of %d transactions with a share of %d; want %d", got, len(c.all), c.share, c.want)
		}
	}
}

// A line takes 512 transactions, or one job, and all lines 16_384; then a reader waits for
// its own line. A reply has room always, and so has the first job of a line.
func TestLinesAreBounded(t *testing.T) {
	s := newStage(func() {})
	a, b := s.open(enr.ID{1}, new(credit), nil), s.open(enr.ID{2}, new(credit), nil)
	if !s.put(closed(), a, fresh(1, 512-1)) || !s.put(closed(), a, fresh(1, 1)) || s.put(closed(), a, fresh(1, 1)) {
		t.Errorf("%d transactions wait", a.txs)
	}
	if !s.put(closed(), b, fresh(2, 512+1)) || s.put(closed(), b, fresh(2, 1)) || !s.add(b, fresh(2, 256), true) {
		t.Errorf("%d transactions wait", b.txs)
	}
	for i := 0; s.txs < 16_384; i++ {
		l := s.open(enr.ID{3, byte(i)}, new(credit), nil)
		s.add(l, fresh(3, 1), false)
		s.add(l, fresh(3, min(512-1, 16_384-s.txs)), false)
	}
	late := s.open(enr.ID{4}, new(credit), nil)
	if !s.put(closed(), late, fresh(4, 1)) || s.put(closed(), late, fresh(4, 1)) {
		t.Errorf("%d of %d transactions are of a new peer", late.txs, s.txs)
	}
	s.addBlock(blockBody{by: source(1), txs: items(1, 10), size: 10})
	s.addBlock(blockBody{by: source(9), txs: items(1, 10), size: 10})
	checkStage(t, s)
	s.drain()
	checkStage(t, s)
	if txs, blocks := s.lostTxs.Load(), s.lostBlock.Load(); txs != 16_384+1 || blocks != 2 || len(s.turns) != 0 {
		t.Errorf("%d transactions and %d blocks were lost at the end", txs, blocks)
	}
}

// What waits of a peer that leaves waits on, but all that left share one line.
func TestPeersThatLeaveShareALine(t *testing.T) {
	reported := 0
	s := newStage(func() { reported++ })
	for i := range byte(10) {
		l := s.open(enr.ID{i}, new(credit), nil)
		s.put(nil, l, fresh(i, 100))
		s.addBlock(blockBody{by: source(i), txs: items(1, 10), size: 10})
		s.leave(l)
		checkStage(t, s)
	}
	if len(s.turns) != 1 || len(s.lines) != 0 || s.gone.txs != 500 || s.lostTxs.Load() != 500 || reported != 1 {
		t.Errorf("%d lines with %d transactions, %d lost, %d reports", len(s.turns), s.gone.txs, s.lostTxs.Load(), reported)
	}
	if _, txs := parts(s); txs != 510 {
		t.Errorf("%d transactions", txs)
	}
	// a block that comes late makes a line, which goes with it
	s.addBlock(blockBody{by: source(1), txs: items(1, 10), size: 10})
	parts(s)
	checkStage(t, s)
}

// The reader of a peer that sends too much waits; others do not, and what they send is told after one
// batch of that peer.
func TestReaderWaitsForItsOwnTurn(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		var order []enr.ID
		g := New(Config{Record: func(e event.Event) {
			if tx, ok := e.(event.Tx); ok {
				order = append(order, tx.Peer)
			}
		}})
		chain, _ := params.ByName("mainnet")
		node := peers.NewNode(t, chain, g)
		hostile, honest := node.Join("hostile", 68), node.Join("honest", 68)
		var sent int
		var flood sync.WaitGroup
		flood.Go(func() {
			for i := range uint64(10) {
				var txs []byte
				for n := range uint64(200) {
					txs = tiny(txs, i<<20+n, types.MinGas)
				}
				hostile.SendRaw(wire.KindTransactions, list(txs))
				sent++
			}
		})
		synctest.Wait()
		if g.stage.txs > 512 || sent == 10 {
			t.Errorf("%d transactions of %d messages wait", g.stage.txs, sent)
		}
		x, _ := newTx(t, 1)
		honest.SendRaw(wire.KindTransactions, list(raw(x)))
		synctest.Wait()
		checkStage(t, g.stage)
		ctx, cancel := context.WithCancel(context.Background())
		var loop sync.WaitGroup
		loop.Go(func() { g.Run(ctx) })
		flood.Wait()
		synctest.Wait()
		cancel()
		loop.Wait()
		if at := slices.Index(order, peers.IDOf("honest")); at < 0 || at > 16 || len(order) != 2001 {
			t.Errorf("the honest peer's transaction is number %d of %d", at, len(order))
		}
	})
}

// When the node ends, the batch under way is finished, and what waits is counted as lost.
func TestEndFinishesOneBatch(t *testing.T) {
	var told, lost uint64
	ctx, cancel := context.WithCancel(context.Background())
	g := New(Config{Record: func(e event.Event) {
		switch e := e.(type) {
		case event.Tx:
			told++
		case event.Loss:
			lost += e.Count
		}
	}})
	var txs []byte
	for i := range uint64(1000) {
		txs = tiny(txs, i, types.MinGas)
	}
	l := g.stage.open(enr.ID{1}, new(credit), nil)
	all, _, err := g.hear(68, txs, 1000, event.ViaBroadcast)
	if err != nil {
		t.Fatal(err)
	}
	g.stage.put(nil, l, job{arrival: arrival{by: source(1), via: event.ViaBroadcast, credit: l.credit}, all: all})
	b, _ := g.stage.take()
	cancel() // in the midst of a batch
	g.slot.Post(0, g.work(&b))
	g.Run(ctx)
	if n := g.recoverer.count.Load(); n != 16 || told != 16 || lost != 1000-16 {
		t.Errorf("%d recoveries, %d told, %d lost", n, told, lost)
	}
	checkStage(t, g.stage)
}
