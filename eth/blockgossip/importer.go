// SPDX-License-Identifier: Apache-2.0

// in: whole blocks whose body is their header's · out: what the relay passes on and the chain holds · a leaf:
// readers call take, the importer's goroutine takes what waited (loop_chain.go)

package blockgossip

import (
	"errors"
	"sync"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/internal/owner"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// An importer checks whole blocks, passes them on and has the chain hold them. Whoever has received a block pays
// for its checks: the reader of the session, or the importer's goroutine for a block that had to wait.
type importer struct {
	chain   *chain.Chain
	params  *params.Chain
	relay   *relay
	syncing func() bool
	wake    chan struct{} // holds one token while a block has begun to wait

	mu      sync.Mutex // guards what follows
	busy    map[types.Hash]bool
	waiting waiting
	sides   map[*listener]*allowance
	lost    importLosses
}

// importLosses counts blocks that were not imported, and that are nobody's fault.
type importLosses struct {
	waiting   uint64 // there was no room to wait
	future    uint64 // too far ahead of our clock to wait
	sides     uint64 // the peer sent too many that are not on the head
	unchecked uint64 // the chain could not tell, or keeps no such block
}

func newImporter(cfg *Config, r *relay) *importer {
	im := &importer{
		chain: cfg.Chain, params: cfg.Params, relay: r, syncing: cfg.Syncing, wake: make(chan struct{}, 1),
		busy: make(map[types.Hash]bool), waiting: newWaiting(), sides: make(map[*listener]*allowance),
	}
	if im.syncing == nil {
		im.syncing = func() bool { return false }
	}
	return im
}

// take imports a block, which belongs to the importer from then on, or has it wait for its parent or its time. The
// error is the sender's fault: a *rules.Error or an *rlp.Error.
func (im *importer) take(now time.Time, b *wholeBlock) error {
	if im.chain.Body(b.hash) != nil {
		return nil
	}
	onSide := b.parent != im.chain.Head().Hash && im.chain.Header(b.parent) != nil
	if !im.begin(now, b, onSide) {
		return nil
	}
	err := im.add(now, b)
	im.mu.Lock()
	defer im.mu.Unlock()
	delete(im.busy, b.hash)
	return im.settle(now, b, err)
}

// begin reports whether a block is to be imported: it is not being imported, because another session gave it, and is
// not one too many of its peer on a side chain.
func (im *importer) begin(now time.Time, b *wholeBlock, onSide bool) bool {
	im.mu.Lock()
	defer im.mu.Unlock()
	switch {
	case im.busy[b.hash]:
		return false
	case onSide && b.from != nil && !im.allowed(now, b):
		im.lost.sides++
		return false
	}
	im.busy[b.hash] = true
	return true
}

// allowed reports whether a peer may have one more block imported that is not on the head. An honest peer sends some
// of each reorganisation; where a block costs nothing to make, any number could be sent.
func (im *importer) allowed(now time.Time, b *wholeBlock) bool {
	a := im.sides[b.from]
	if a == nil {
		a = new(allowance)
		im.sides[b.from] = a
	}
	return a.take(now)
}

// add checks a block and has the chain hold it. As soon as header and seal hold, the block is passed on whole; once
// its body is stored, its hash is (devp2p/caps/eth.md#block-propagation).
func (im *importer) add(now time.Time, b *wholeBlock) error {
	if _, err := im.chain.CheckHeader(now, b.header, true); err != nil {
		return err
	}
	pass := !b.future && !b.backlog(now) && !im.syncing()
	if pass {
		if td, ok := im.passable(b); ok {
			im.relay.sendWhole(b, &td)
		} else {
			pass = false
		}
	}
	if _, err := im.chain.InsertHeaders(now, [][]byte{b.header}); err != nil {
		return err
	}
	if err := im.chain.PutBody(b.hash, b.body); err != nil {
		return err
	}
	if pass {
		im.relay.announce(b.hash, b.number)
	}
	return nil
}

// passable returns the total difficulty of a block that may be passed on: the parent's is known, and no consensus layer
// has made the block (https://eips.ethereum.org/EIPS/eip-3675#network).
func (im *importer) passable(b *wholeBlock) (td uint256.Int, ok bool) {
	parent, ok := im.chain.TD(b.parent)
	h, err := types.DecodeHeader(b.header)
	if !ok || err != nil || im.params.Terminal != nil && (h.Difficulty.IsZero() || !parent.Lt(im.params.Terminal)) {
		return td, false
	}
	if _, over := td.AddOverflow(&parent, &h.Difficulty); over {
		return td, false
	}
	return td, true
}

// settle notes what became of a block. The mutex is held.
func (im *importer) settle(now time.Time, b *wholeBlock, err error) error {
	switch {
	case err == nil:
		if len(im.waiting.blocks) > 0 {
			im.signal() // for its children
		}
	case errors.Is(err, chain.ErrUnknownParent) && !b.retried:
		b.retried = im.chain.Header(b.parent) != nil // the chain holds the parent, and does not know where it belongs
		im.wait(now, time.Time{}, b)
	case errors.Is(err, chain.ErrFuture):
		due, ok := dueAt(now, b.time)
		if !ok {
			im.lost.future++
			return nil
		}
		b.future = true
		im.wait(now, due, b)
	case isFault(err):
		im.waiting.drop(b.from)
		return err
	default:
		im.lost.unchecked++
	}
	return nil
}

// wait has a block wait. The mutex is held.
func (im *importer) wait(now, due time.Time, b *wholeBlock) {
	if im.waiting.put(now, due, b) {
		im.signal()
	} else {
		im.lost.waiting++
	}
}

// dueAt returns when a block of a time in the future is imported, and false if that is too far ahead.
func dueAt(now time.Time, at uint64) (time.Time, bool) {
	limit := now.Add(chain.MaxAhead + maxFuture).Unix()
	if limit < 0 || at > uint64(limit) {
		return time.Time{}, false
	}
	return time.Unix(int64(at), 0).Add(-chain.MaxAhead), true //nolint:gosec // at most limit
}

// isFault reports whether an error of the chain is the fault of whoever made the block.
func isFault(err error) bool {
	if _, ok := errors.AsType[*rules.Error](err); ok {
		return true
	}
	_, ok := errors.AsType[*rlp.Error](err)
	return ok
}

func (im *importer) signal() {
	select {
	case im.wake <- struct{}{}:
	default:
	}
}

// losses are what the role's loop reports.
func (im *importer) losses() (all []owner.Loss) {
	for _, l := range []struct {
		where string
		count *uint64
	}{
		{"blockgossip.waiting", &im.lost.waiting},
		{"blockgossip.ahead", &im.lost.future},
		{"blockgossip.sides", &im.lost.sides},
		{"blockgossip.unchecked", &im.lost.unchecked},
	} {
		all = append(all, owner.Loss{Where: l.where, Take: func() uint64 {
			im.mu.Lock()
			defer im.mu.Unlock()
			n := *l.count
			*l.count = 0
			return n
		}})
	}
	return all
}

// close forgets what is counted of a session. Its blocks still wait.
func (im *importer) close(l *listener) {
	im.mu.Lock()
	defer im.mu.Unlock()
	delete(im.sides, l)
}

// ready removes and returns the waiting blocks that can be checked now.
func (im *importer) ready(now time.Time) []*wholeBlock {
	im.mu.Lock()
	defer im.mu.Unlock()
	if len(im.waiting.blocks) == 0 {
		return nil
	}
	return im.waiting.take(now, func(h types.Hash) bool { return im.chain.Header(h) != nil })
}

// next returns when a waiting block is due or forgotten.
func (im *importer) next(now time.Time) time.Time {
	im.mu.Lock()
	defer im.mu.Unlock()
	return im.waiting.next(now)
}
