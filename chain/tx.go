// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// A tx is one batch in the making. It belongs to the writer, who holds the chain's mutex. The chain's state changes
// while it is made; commit always succeeds, in memory if the store is dead.
type tx struct {
	c       *Chain
	b       Batch
	pending map[Key][]byte      // what get returns before commit; nil: deleted
	sides   map[types.Hash]bool // blocks that have come into the set of side blocks, or left it
	orphans bool                // canonical blocks, or side blocks, are gone that side chains may begin on
	change  Change
}

func (c *Chain) begin() *tx {
	return &tx{c: c, pending: make(map[Key][]byte), sides: make(map[types.Hash]bool)}
}

func (t *tx) get(k Key) []byte {
	if v, ok := t.pending[k]; ok {
		return v
	}
	return t.c.get(k)
}

func (t *tx) put(k Key, v []byte) {
	t.b.Put(k, v)
	t.pending[k] = notNil(v)
}

func (t *tx) delete(k Key) {
	t.b.Delete(k)
	t.pending[k] = nil
}

func (t *tx) meta(name string, value []byte) {
	if value == nil {
		t.b.DeleteMeta(name)
	} else {
		t.b.PutMeta(name, value)
	}
}

func (t *tx) td(h types.Hash) (td uint256.Int, ok bool) {
	raw := t.get(Key{Kind: KindTD, Hash: h})
	if raw == nil {
		return td, false
	}
	return *td.SetBytes(raw), true
}

func (t *tx) putTD(h types.Hash, td *uint256.Int) { t.put(Key{Kind: KindTD, Hash: h}, td.Bytes()) }

// header returns a held header.
func (t *tx) header(h types.Hash) (types.Header, bool) {
	header, err := t.c.params.DecodeHeader(t.get(Key{Kind: KindHeader, Hash: h}))
	return header, err == nil
}

// at returns the hash of the canonical block of a number.
func (t *tx) at(n uint64) (h types.Hash, ok bool) {
	if !t.c.state.runs.has(n) {
		return h, false
	}
	raw := t.get(Key{Kind: KindCanonical, Number: n})
	if len(raw) != len(h) {
		return h, false
	}
	return types.Hash(raw), true
}

// isCanonical reports whether a block is.
func (t *tx) isCanonical(n uint64, h types.Hash) bool {
	at, ok := t.at(n)
	return ok && at == h
}

// putHeader writes a header, and the body and the receipts of a block that has none, which need not be fetched.
func (t *tx) putHeader(hash types.Hash, h *types.Header) {
	t.put(Key{Kind: KindHeader, Hash: hash}, h.Raw)
	if t.c.keep.bodies == 0 {
		return
	}
	if body := emptyBody(h); body != nil {
		t.put(Key{Kind: KindBody, Hash: hash}, body)
	}
	if h.ReceiptRoot == types.EmptyRoot {
		t.put(Key{Kind: KindReceipts, Hash: hash}, emptyList)
	}
}

var emptyList = []byte{0xc0}

// emptyBody returns the body of a block whose lists are empty; nil if they are not.
func emptyBody(h *types.Header) []byte {
	roots := rootsOf(h)
	if !roots.Empty() {
		return nil
	}
	b := types.Body{HasWithdrawals: roots.HasWithdrawals}
	return b.Append(nil)
}

// forget deletes all values of a block.
func (t *tx) forget(h types.Hash) {
	t.delete(Key{Kind: KindHeader, Hash: h})
	t.delete(Key{Kind: KindTD, Hash: h})
	t.strip(h)
}

// strip deletes the values of a block but its header.
func (t *tx) strip(h types.Hash) {
	for _, kind := range []Kind{KindBody, KindReceipts, KindAccessList} {
		if k := (Key{Kind: kind, Hash: h}); t.get(k) != nil {
			t.delete(k)
		}
	}
}

// commit writes the batch, the state with it, and tells of the change.
func (t *tx) commit() {
	c := t.c
	t.prune()
	c.side.save(t)
	t.meta(metaState, c.state.encode())
	if err := (*c.store.Load()).Apply(&t.b); err != nil {
		c.die(err)
		_ = (*c.store.Load()).Apply(&t.b) // in memory, which cannot fail
	}
	c.publish()
	if t.change.any() {
		t.change.Head = c.state.head
		c.cursors.tell(t.change)
	}
}

// die goes on in memory, over what the store can still be read of.
func (c *Chain) die(err error) {
	var over Store = newOver(*c.store.Load())
	c.store.Store(&over)
	c.dead.Store(&err)
	c.keep = keep{min(c.keep.headers, DefaultInMemory), min(c.keep.bodies, DefaultInMemory)}
	// What is on the disk stays there: it is out of reach of the pruning, and of the run.
	low := floor(c.state.head.Number, c.keep.headers)
	if low > 1 {
		c.state.runs = c.state.runs.without(1, low-1)
		c.state.held, c.state.full = c.state.held.without(1, low-1), c.state.full.without(1, low-1)
	}
	c.state.gone, c.state.bare = nil, nil
	c.record.Record(event.Trouble{At: event.At{Time: time.Now()}, Where: event.TroubleChain, Err: err.Error()})
}

// publish shows readers the state.
func (c *Chain) publish() {
	s := &c.state
	v := &view{
		head: s.head, runs: s.runs, full: s.full, final: s.final,
		low: keep{floor(s.head.Number, c.keep.headers), floor(s.head.Number, c.keep.bodies)},
	}
	top, _ := s.runs.top()
	v.tail = top.lo
	v.earliest = earliest(s, top.lo)
	v.gap, v.hasGap = c.gap(top, v.low.headers)
	c.view.Store(v)
}

// maxLag is by how many blocks bodies and receipts may be behind the head while they count as on their way.
const maxLag = 128

func earliest(s *state, tail uint64) uint64 {
	x, ok := s.full.top()
	if !ok || x.hi < tail || s.head.Number-x.hi > maxLag {
		return s.head.Number
	}
	return max(x.lo, tail)
}
