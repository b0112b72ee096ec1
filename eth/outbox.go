// SPDX-License-Identifier: Apache-2.0

// in: what roles want a peer to hear · out: messages · three lanes, pulled by the writer

package eth

import (
	"slices"
	"sync"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlpx"
	"github.com/ethpeer/ethpeer/types"
)

// Bounds of what waits to be sent unasked, per session. What a full queue drops is counted. A full
// queue of transactions drops its oldest entry, because newer transactions matter more. A full queue
// of blocks drops the new block and does not mark it as known, so that it can be announced later
// (devp2p/caps/eth.md#block-propagation); the bounds are go-ethereum's.
const (
	maxBlocksOut    = 4 // NewBlock messages
	maxHashesOut    = 4 // NewBlockHashes messages
	maxAnnouncedOut = 8192
	maxTxsOut       = 4096
	maxTxBytesOut   = 1 << 20 // or a single transaction
)

// The places of event.Loss for dropped messages.
const (
	lostBlocks        = "outbox.blocks"
	lostAnnouncements = "outbox.announcements"
	lostTxs           = "outbox.transactions"
)

// An OutTx is a transaction to be sent whole. Item has the form of the message's list
// (types.Tx.Raw); one chunk serves all peers.
type OutTx struct {
	Hash types.Hash
	Item *rlpx.Chunk
}

// outbox holds a session's unrequested messages until its writer can send them. It is a leaf behind
// one mutex. Any goroutine adds; the writer takes.
type outbox struct {
	version wire.Version

	mu        sync.Mutex // guards what follows
	known     known
	blocks    []blockMessage // whole ones
	hashes    []blockMessage
	latest    *rlpx.Chunk // BlockRangeUpdate; the next one replaces it; nil: none waits
	announced []wire.Announced
	txs       []OutTx
	txBytes   int
	lost      struct{ blocks, announced, txs uint64 }
}

// blockMessage is a message about blocks.
type blockMessage struct {
	code    uint64
	payload *rlpx.Chunk
}

// addBlock queues a message about a block that the peer does not know, and marks the block as known.
// It reports false, and marks nothing, if the peer knows the block or the queue is full.
func (o *outbox) addBlock(row *wire.Row, h types.Hash, payload *rlpx.Chunk) bool {
	queue, limit := &o.blocks, maxBlocksOut
	if row.Kind == wire.KindNewBlockHashes {
		queue, limit = &o.hashes, maxHashesOut
	}
	switch {
	case o.known.hasBlock(h):
		return false
	case len(*queue) == limit:
		o.lost.blocks++
		return false
	}
	o.known.markBlock(h)
	*queue = append(*queue, blockMessage{row.Code, payload})
	return true
}

func (o *outbox) addAnnounced(tx wire.Announced) {
	if len(o.announced) == maxAnnouncedOut {
		o.announced = o.announced[1:]
		o.lost.announced++
	}
	o.announced = append(o.announced, tx)
}

func (o *outbox) addTx(tx OutTx) {
	size := len(tx.Item.Bytes())
	for len(o.txs) > 0 && (len(o.txs) == maxTxsOut || o.txBytes+size > maxTxBytesOut) {
		o.takeTx()
		o.lost.txs++
	}
	o.txs = append(o.txs, tx)
	o.txBytes += size
}

func (o *outbox) takeTx() OutTx {
	tx := o.txs[0]
	o.txs[0] = OutTx{} // its bytes are no longer ours to hold
	o.txs = o.txs[1:]
	o.txBytes -= len(tx.Item.Bytes())
	return tx
}

// report says what was dropped so far.
func (o *outbox) report(lost func(where string, count uint64)) {
	o.mu.Lock()
	l := o.lost
	o.mu.Unlock()
	lost(lostBlocks, l.blocks)
	lost(lostAnnouncements, l.announced)
	lost(lostTxs, l.txs)
}

// The lanes of an outbox, each a view of it that implements p2p.Lane.
type (
	blockLane    outbox
	announceLane outbox
	txLane       outbox
)

func (o *outbox) open(peer *p2p.Peer) {
	peer.Lane(p2p.Priority(wire.LaneBlocks), (*blockLane)(o))
	peer.Lane(p2p.Priority(wire.LaneAnnouncements), (*announceLane)(o))
	peer.Lane(p2p.Priority(wire.LaneTransactions), (*txLane)(o))
}

// Next implements p2p.Lane: whole blocks go first.
func (l *blockLane) Next(out *p2p.Out, _ int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	var next blockMessage
	switch {
	case len(l.blocks) > 0:
		next = takeFirst(&l.blocks)
	case len(l.hashes) > 0:
		next = takeFirst(&l.hashes)
	case l.latest != nil:
		next = blockMessage{wire.KindBlockRangeUpdate.Row().Code, l.latest}
		l.latest = nil
	default:
		return false
	}
	out.Code, out.Chunks = next.code, append(out.Chunks, next.payload)
	return true
}

func takeFirst(queue *[]blockMessage) blockMessage {
	first := (*queue)[0]
	*queue = slices.Delete(*queue, 0, 1) // at most 4: shorter than a ring
	return first
}

// Next implements p2p.Lane. It puts all queued hashes into one message, up to the limit of its row
// (devp2p/caps/eth.md#newpooledtransactionhashes-0x08).
func (l *announceLane) Next(out *p2p.Out, _ int) bool {
	row := wire.KindNewPooledTransactionHashes.Row()
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(len(l.announced), row.SendItems)
	if n == 0 {
		return false
	}
	out.Code, out.Raw = row.Code, wire.AppendAnnouncement(out.Raw, l.version, l.announced[:n])
	if l.announced = l.announced[n:]; len(l.announced) == 0 {
		l.announced = nil
	}
	return true
}

// Next implements p2p.Lane. It sends as many transactions as fit into the budget and the limit of
// the message's row, but at least one (devp2p/caps/eth.md#transactions-0x02).
func (l *txLane) Next(out *p2p.Out, budget int) bool {
	row := wire.KindTransactions.Row()
	budget = min(budget, row.SendBytes)
	l.mu.Lock()
	defer l.mu.Unlock()
	o := (*outbox)(l)
	size := 0
	for len(o.txs) > 0 && len(out.Chunks) < row.Items && (size == 0 || size+len(o.txs[0].Item.Bytes()) <= budget) {
		tx := o.takeTx()
		size += len(tx.Item.Bytes())
		out.Chunks = append(out.Chunks, tx.Item)
	}
	if size == 0 {
		o.txs = nil
		return false
	}
	out.Code, out.Raw = row.Code, wire.AppendTransactionsHead(out.Raw, size)
	return true
}
