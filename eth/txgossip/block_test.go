// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"slices"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// items returns n RLP strings of a size, each with its header.
func items(n, size int) (all []byte) {
	for range n {
		all = rlp.AppendBytes(all, make([]byte, size))
	}
	return all
}

func source(id byte) event.Source { return event.Source{Peer: enr.ID{id}} }

// parts takes everything and returns whose parts came, and how many transactions.
func parts(s *stage) (from []byte, txs int) {
	for b, ok := s.take(); ok; b, ok = s.take() {
		from = append(from, b.by.Peer[0])
		for rest := b.block; len(rest) > 0; txs++ {
			_, rest = cutItems(rest, 1)
		}
		txs += len(b.all)
	}
	return from, txs
}

// A large block of one peer does not keep others waiting: they have turns.
func TestBlocksHaveTurns(t *testing.T) {
	g := New(Config{})
	g.FromBlock(time.Now(), source(1), items(5*16, 100))
	g.FromBlock(time.Now(), source(1), items(1, 100))
	g.FromBlock(time.Now(), source(2), items(16+1, 100))
	g.FromBlock(time.Now(), source(3), items(1, 100))
	from, txs := parts(g.stage)
	if want := []byte{1, 2, 3, 1, 2, 1, 1, 1, 1}; !slices.Equal(from, want) || txs != 6*16+3 {
		t.Errorf("%d transactions, in parts of %v; want %v", txs, from, want)
	}
	checkStage(t, g.stage)
	if g.stage.blocks != 0 || len(g.stage.lines) != 0 {
		t.Errorf("%d blocks and %d lines are left", g.stage.blocks, len(g.stage.lines))
	}
}

// FromBlock never waits, whether or not anything reads: the peer with the most bytes loses its
// last block, and that is counted.
func TestBlocksAreBounded(t *testing.T) {
	g := New(Config{})
	s := g.stage
	const header = 4
	g.FromBlock(time.Now(), source(2), items(1, 1<<20-header))
	for range 40 {
		g.FromBlock(time.Now(), source(1), items(1, 1<<20-header))
	}
	if s.bytes != 32<<20 || s.lostBlock.Load() == 0 || s.turns[0].peer != (enr.ID{2}) {
		t.Errorf("%d bytes wait, %d dropped", s.bytes, s.lostBlock.Load())
	}
	checkStage(t, s)
	for range 100 {
		g.FromBlock(time.Now(), source(3), items(1, 10))
	}
	if s.blocks != 64 || len(s.turns) != 3 {
		t.Errorf("%d blocks of %d peers wait", s.blocks, len(s.turns))
	}
	checkStage(t, s)
	dropped := s.lostBlock.Swap(0)
	if _, txs := parts(s); uint64(txs)+dropped != 141 {
		t.Errorf("%d told and %d lost of 141", txs, dropped)
	}
	g.FromBlock(time.Now(), source(1), items(1, 32<<20+1))
	if _, txs := parts(s); txs != 1 {
		t.Error("a block that is larger than the bound has room alone")
	}
}

// tiny is the smallest transaction that the fields let through, with the signature r = 1, s = 1, which
// some key has made, whatever it signs.
func tiny(dst []byte, nonce uint64, gas uint64) []byte {
	dst, list := rlp.OpenList(dst)
	dst = rlp.AppendUint64(dst, nonce)
	dst = rlp.AppendUint64(dst, 0)
	dst = rlp.AppendUint64(dst, gas)
	dst = append(dst, 0x80, 0x80, 0x80, 0x1b, 0x01, 0x01)
	return rlp.CloseList(dst, list)
}

// One block of made-up transactions costs no recovery if they have too little gas, and else delays others
// by one batch. What is told of a block that ten peers send is recovered once.
func TestBlockOfTinyTransactions(t *testing.T) {
	g := New(Config{})
	var cheap, dear []byte
	for i := range uint64(1000) {
		cheap = tiny(cheap, i, types.MinGas-1)
		dear = tiny(dear, i, types.MinGas)
	}
	g.FromBlock(time.Now(), source(1), cheap)
	told := 0
	for b, ok := g.stage.take(); ok; b, ok = g.stage.take() {
		g.work(&b)(g.machine, time.Now())
		told += len(b.all)
	}
	if n := g.recoverer.count.Load(); n != 0 || told != 1000 || g.machine.invalid != 1000 {
		t.Errorf("%d recoveries for %d transactions without gas, %d counted as invalid", n, told, g.machine.invalid)
	}
	honest := tiny(nil, 1<<20, types.MinGas)
	g.FromBlock(time.Now(), source(1), dear)
	g.FromBlock(time.Now(), source(2), honest)
	for b, ok := g.stage.take(); ok && b.by.Peer[0] != 2; b, ok = g.stage.take() {
		g.work(&b)(g.machine, time.Now())
	}
	if n := g.recoverer.count.Load(); n > 16 {
		t.Errorf("%d recoveries before another peer's turn", n)
	}
	for i := range byte(10) {
		g.FromBlock(time.Now(), source(10+i), slices.Clone(dear[:len(dear)/10]))
	}
	before := g.recoverer.count.Load()
	for b, ok := g.stage.take(); ok; b, ok = g.stage.take() {
		g.work(&b)(g.machine, time.Now())
	}
	if n := g.recoverer.count.Load() - before; n > 1000 {
		t.Errorf("%d recoveries for 1,000 transactions", n)
	}
}

// Reading a block takes memory for a batch, however many transactions the block has.
func TestBlockMemory(t *testing.T) {
	g := New(Config{})
	var txs []byte
	for i := range uint64(20_000) {
		txs = tiny(txs, i, types.MinGas)
	}
	g.FromBlock(time.Now(), source(1), txs)
	for range 3 {
		b, _ := g.stage.take()
		if len(b.all) != 0 || len(b.block) > 64*20 {
			t.Fatalf("a batch has %d bytes of the block", len(b.block))
		}
		part := b.block
		allocs := testing.AllocsPerRun(10, func() { g.hearBlock(part) })
		if allocs > 2*16 {
			t.Errorf("reading a batch takes %v allocations", allocs)
		}
		if all := g.hearBlock(part); len(all) != 16 {
			t.Errorf("a batch has %d transactions", len(all))
		}
	}
}
