// SPDX-License-Identifier: Apache-2.0

// in: the transactions of blocks, from any goroutine · out: parts of them, for one reader

package txgossip

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/owner"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// Bounds of the blocks whose transactions wait to be read.
const (
	maxBlocks     = 64
	maxBlockBytes = 32 << 20 // or one block
	partTxs       = 64       // transactions of a part: some milliseconds of work
)

// A blockQueue holds the transactions of blocks that wait to be read. Peers take turns, so that a
// large block of one peer delays the blocks of others by one part. When the queue is full, the peer
// with the most blocks or bytes waiting loses its last block, which is counted.
type blockQueue struct {
	ready   chan struct{} // holds one token: there may be something to take
	slot    *owner.Slot[*machine]
	dropped atomic.Uint64

	mu    sync.Mutex // guards what follows
	lines []*blockLine
	count int
	bytes int
}

// A blockLine is the queue of one peer; it is never empty.
type blockLine struct {
	peer   enr.ID
	bodies []blockBody
	bytes  int
}

// A blockBody is the unread transactions of a block.
type blockBody struct {
	at   time.Time
	by   event.Source
	txs  []byte // content of an RLP list
	size int    // of the whole, which stays in memory until all is read
}

func (q *blockQueue) start(slot *owner.Slot[*machine]) {
	q.ready, q.slot = make(chan struct{}, 1), slot
}

// FromBlock takes a block's transactions and ends the fetching of those among them: txs is the
// content of their RLP list (devp2p/caps/eth.md#block-encoding-and-validity), as types.Body has it,
// and becomes Gossip's. It never blocks: when the queue is full a block is dropped and counted (see
// the package's limits). Any goroutine may call it.
func (g *Gossip) FromBlock(at time.Time, by event.Source, txs []byte) {
	if len(txs) > 0 {
		g.blocks.add(blockBody{at: at, by: by, txs: txs, size: len(txs)})
	}
}

func (q *blockQueue) add(b blockBody) {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.IndexFunc(q.lines, func(l *blockLine) bool { return l.peer == b.by.Peer })
	if i < 0 {
		i = len(q.lines)
		q.lines = append(q.lines, &blockLine{peer: b.by.Peer})
	}
	line := q.lines[i]
	line.bodies = append(line.bodies, b)
	line.bytes += b.size
	q.count, q.bytes = q.count+1, q.bytes+b.size
	for q.count > maxBlocks {
		q.dropLast(func(l *blockLine) int { return len(l.bodies) })
	}
	for q.count > 1 && q.bytes > maxBlockBytes {
		q.dropLast(func(l *blockLine) int { return l.bytes })
	}
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// dropLast drops the last block of the peer that has most waiting.
func (q *blockQueue) dropLast(has func(*blockLine) int) {
	most := 0
	for i, l := range q.lines {
		if has(l) > has(q.lines[most]) {
			most = i
		}
	}
	q.remove(most, len(q.lines[most].bodies)-1)
	if q.dropped.Add(1) == 1 {
		q.slot.Post(0, func(*machine, time.Time) {}) // has the loop look at its losses
	}
}

func (q *blockQueue) takeDropped() uint64 { return q.dropped.Swap(0) }

// remove takes a block out, and its line if there is nothing else in it.
func (q *blockQueue) remove(line, body int) {
	l := q.lines[line]
	size := l.bodies[body].size
	l.bodies = slices.Delete(l.bodies, body, body+1)
	l.bytes -= size
	q.count, q.bytes = q.count-1, q.bytes-size
	if len(l.bodies) == 0 {
		q.lines = slices.Delete(q.lines, line, line+1)
	}
}

// take returns a part of the first block of the next peer in turn, and false if the queue is empty.
func (q *blockQueue) take() (part blockBody, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.lines) == 0 {
		return part, false
	}
	line := q.lines[0]
	first := &line.bodies[0]
	part = *first
	rest := first.txs
	for range partTxs {
		_, _, after, err := rlp.Split(rest)
		if err != nil { // at the end: the body was scanned when it was read
			rest = nil
			break
		}
		rest = after
	}
	part.txs, first.txs = first.txs[:len(first.txs)-len(rest)], rest
	if len(rest) == 0 {
		q.remove(0, 0)
	}
	if len(q.lines) > 1 && q.lines[0] == line {
		q.lines = append(q.lines[1:], line)
	}
	return part, true
}

func (b *blockBody) letter(all []heard) owner.Letter[*machine] {
	at, by := b.at, b.by
	return func(m *machine, _ time.Time) { m.onBlock(at, by, all) }
}

// hearBlock reads the transactions of a block. One that cannot be read has no hash,
// and is counted as invalid.
func (g *Gossip) hearBlock(txs []byte) (all []heard) {
	for len(txs) > 0 {
		_, _, rest, err := rlp.Split(txs)
		if err != nil {
			break
		}
		tx, err := types.DecodeTx(txs[:len(txs)-len(rest)])
		txs = rest
		var h heard
		switch {
		case errors.Is(err, types.ErrInvalidTx):
			h.hash = tx.Hash()
			h.refuse(&tx)
		case err != nil:
			h.invalid = true
		default:
			if h.hash = tx.Hash(); !g.seen.isDone(h.hash) {
				h.read(&tx)
			}
		}
		all = append(all, h)
	}
	return all
}
