// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"slices"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/rlp"
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
func parts(q *blockQueue) (from []byte, txs int) {
	for part, ok := q.take(); ok; part, ok = q.take() {
		from = append(from, part.by.Peer[0])
		for rest := part.txs; len(rest) > 0; txs++ {
			_, _, rest, _ = rlp.Split(rest)
		}
	}
	return from, txs
}

// A large block of one peer does not keep others waiting: they have turns.
func TestBlocksHaveTurns(t *testing.T) {
	g := New(Config{})
	g.FromBlock(time.Now(), source(1), items(5*partTxs, 100))
	g.FromBlock(time.Now(), source(1), items(1, 100))
	g.FromBlock(time.Now(), source(2), items(partTxs+1, 100))
	g.FromBlock(time.Now(), source(3), items(1, 100))
	from, txs := parts(&g.blocks)
	if want := []byte{1, 2, 3, 1, 2, 1, 1, 1, 1}; !slices.Equal(from, want) || txs != 6*partTxs+3 {
		t.Errorf("%d transactions, in parts of %v; want %v", txs, from, want)
	}
	if g.blocks.count != 0 || g.blocks.bytes != 0 {
		t.Errorf("%d blocks and %d bytes are left", g.blocks.count, g.blocks.bytes)
	}
}

// FromBlock never waits, whether or not anything reads: the peer with the most bytes loses its
// last block, and that is counted.
func TestBlocksAreBounded(t *testing.T) {
	g := New(Config{})
	q := &g.blocks
	g.FromBlock(time.Now(), source(2), items(1, 1000))
	for range 40 {
		g.FromBlock(time.Now(), source(1), items(1, 1<<20))
	}
	if q.bytes > maxBlockBytes || q.dropped.Load() == 0 || q.lines[0].peer != (enr.ID{2}) {
		t.Errorf("%d bytes wait, %d dropped", q.bytes, q.dropped.Load())
	}
	for range 100 {
		g.FromBlock(time.Now(), source(3), items(1, 10))
	}
	if q.count > maxBlocks || len(q.lines) != 3 {
		t.Errorf("%d blocks of %d peers wait", q.count, len(q.lines))
	}
	dropped := q.takeDropped()
	if _, txs := parts(q); uint64(txs)+dropped != 141 {
		t.Errorf("%d told and %d lost of 141", txs, dropped)
	}
	g.FromBlock(time.Now(), source(1), items(1, maxBlockBytes+1))
	if _, txs := parts(q); txs != 1 {
		t.Error("a block that is larger than the bound has room alone")
	}
}
