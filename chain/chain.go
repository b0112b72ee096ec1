// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// A Chain holds headers, bodies, receipts and access lists, checked as far as they show without state, and knows
// which are canonical. Any goroutine may call any method. Readers never wait for a writer; writers wait for each
// other, after they have checked what they write.
type Chain struct {
	params *params.Chain
	seals  Seals
	record event.Recorder
	choose func(n int) int
	clique *cliqueState // nil: blocks are not sealed by signers, or a consensus layer took over

	store  atomic.Pointer[Store]
	view   atomic.Pointer[view]
	dead   atomic.Pointer[error]
	proven struct {
		mu     sync.Mutex              // guards hashes
		hashes bounded.Set[types.Hash] // headers whose proof of work was checked, so that it is checked once
	}
	cursors cursors

	mu    sync.Mutex // guards what follows; held by the writer, also while the store writes
	keep  keep
	state state
	side  sideSet
}

// A view is what readers see of the state. It never changes.
type view struct {
	head     Head
	tail     uint64
	earliest uint64
	runs     spans
	full     spans
	gap      Gap
	hasGap   bool
	low      keep // the lowest numbers that are kept of headers and of bodies
	final    Ref
}

// A Head is the canonical chain's last block.
type Head struct {
	Ref
	Parent   types.Hash
	Time     uint64 // seconds since 1970
	GasLimit uint64
	TD       uint256.Int // total difficulty, the block's included
	HasTD    bool        // false: not all headers down to the genesis block were seen
}

// maxProven is how many headers are remembered whose proof of work holds.
const maxProven = 1024

// newChain returns a chain without a state.
func newChain(cfg *Config) *Chain {
	c := &Chain{params: cfg.Params, seals: cfg.Seals, record: cfg.Record, choose: cfg.Choose}
	if c.choose == nil {
		c.choose = rand.IntN
	}
	c.proven.hashes = bounded.NewSet[types.Hash](maxProven, bounded.DropOldest)
	store, inMemory := cfg.Store, false
	if store == nil {
		store = NewMemory()
	}
	if m, ok := store.(*Memory); ok && m.under == nil {
		inMemory = true
	}
	c.store.Store(&store)
	c.keep = cfg.History.keep(inMemory)
	c.side.init()
	if cfg.Params.Clique != nil && cfg.Params.Terminal == nil {
		c.clique = newClique(c)
	}
	return c
}

// Params returns the chain's parameters, which nothing may change.
func (c *Chain) Params() *params.Chain { return c.params }

// Head returns the canonical head; the genesis block of a new chain.
func (c *Chain) Head() Head { return c.view.Load().head }

// Tail returns the lowest number of the run of canonical headers that ends at the head. The genesis header is held
// beside.
func (c *Chain) Tail() uint64 { return c.view.Load().tail }

// Earliest returns the lowest number from which bodies and receipts are held without a gap up to the head, or up to
// some blocks below it whose successors are still on their way; the head's number if there is none. It is what a
// Status names (EIP-7642).
func (c *Chain) Earliest() uint64 { return c.view.Load().earliest }

// Kept returns the lowest numbers of which headers, and bodies and receipts, are kept by now: what is wanted in a
// synchronisation. The second is above the head's number where no bodies are kept.
func (c *Chain) Kept() (headers, bodies uint64) {
	v := c.view.Load()
	return v.low.headers, v.low.bodies
}

// Final returns the last block that [Chain.Finalize] named; the genesis block if there was none.
func (c *Chain) Final() Ref { return c.view.Load().final }

// Full returns how the canonical blocks whose body and receipts are both held lie: the lowest and the highest number
// of each run, ascending.
func (c *Chain) Full() (runs [][2]uint64) {
	for _, x := range c.view.Load().full {
		runs = append(runs, [2]uint64{x.lo, x.hi})
	}
	return runs
}

// Dead returns why the store takes no more writes, nil while it does. What is new is then kept in memory alone, the
// last 1,024 blocks.
func (c *Chain) Dead() error {
	if err := c.dead.Load(); err != nil {
		return *err
	}
	return nil
}

// Header returns a header's bytes, of a canonical or another block; nil if it is not held. Nothing may change them.
func (c *Chain) Header(h types.Hash) []byte { return c.get(Key{Kind: KindHeader, Hash: h}) }

// Body returns a body's bytes, as BlockBodies has it; nil if it is not held. Nothing may change them.
func (c *Chain) Body(h types.Hash) []byte { return c.get(Key{Kind: KindBody, Hash: h}) }

// Receipts returns the RLP list of a block's receipts, as eth/69 has them (EIP-7642); nil if they are not held.
// Nothing may change them.
func (c *Chain) Receipts(h types.Hash) []byte { return c.get(Key{Kind: KindReceipts, Hash: h}) }

// AccessList returns a block access list (EIP-7928); nil if it is not held. Nothing may change its bytes.
func (c *Chain) AccessList(h types.Hash) []byte { return c.get(Key{Kind: KindAccessList, Hash: h}) }

// TD returns the total difficulty of a held block; false if it is not known.
func (c *Chain) TD(h types.Hash) (td uint256.Int, ok bool) {
	raw := c.get(Key{Kind: KindTD, Hash: h})
	if raw == nil || len(raw) > 32 {
		return td, false
	}
	return *td.SetBytes(raw), true
}

// Canonical returns the hash of the canonical block of this number; false if there is none, or it is not held.
func (c *Chain) Canonical(n uint64) (h types.Hash, ok bool) {
	if !c.view.Load().runs.has(n) {
		return h, false
	}
	raw := c.get(Key{Kind: KindCanonical, Number: n})
	if len(raw) != len(h) {
		return h, false
	}
	return types.Hash(raw), true
}

// HeaderAt returns the canonical header of this number; nil if it is not held. Nothing may change its bytes.
func (c *Chain) HeaderAt(n uint64) []byte {
	h, ok := c.Canonical(n)
	if !ok {
		return nil
	}
	return c.Header(h)
}

// Link returns the link of a held block.
func (c *Chain) Link(h types.Hash) (Link, bool) {
	header, err := c.params.DecodeHeader(c.Header(h))
	if err != nil {
		return Link{}, false
	}
	return linkOf(&header, h), true
}

// Meta returns what [Chain.PutMeta] put under a name, nil if nothing. Nothing may change its bytes.
func (c *Chain) Meta(name string) []byte { return (*c.store.Load()).Meta(metaUser + name) }

// PutMeta keeps a small value under a name, for what a synchronisation resumes from; nil deletes it.
func (c *Chain) PutMeta(name string, value []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.begin()
	t.meta(metaUser+name, value)
	t.commit()
}

// Close waits for the writer and closes the store. No method that writes may be called later.
func (c *Chain) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return (*c.store.Load()).Close()
}

func (c *Chain) get(k Key) []byte { return (*c.store.Load()).Get(k) }

// heaviest reports whether a block on a parent of this total difficulty becomes the head by its weight: before the
// merge (EIP-3675), unless an external source has named a head.
func (c *Chain) heaviest(parent *uint256.Int) bool {
	return c.params.Terminal == nil || !c.state.led && parent.Lt(c.params.Terminal)
}
