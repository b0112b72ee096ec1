// SPDX-License-Identifier: Apache-2.0

package serve

import (
	"sync"

	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlpx"
	"github.com/ethpeer/ethpeer/types"
)

// Bounds of the cache.
const (
	cacheBytes = 32 << 20 // of items, plain and compressed, unless Config.CacheBytes says otherwise
	cacheItems = 1 << 16
	entryBytes = 256 // what an entry takes beside the item
	shares     = 8   // of the cache: an item that takes more than one is not kept
)

// A part says what of a block an item is.
type part uint8

const (
	headerOf part = iota
	bodyOf
	flatReceiptsOf  // as from eth/69 on
	bloomReceiptsOf // as up to eth/68
	accessListOf
)

// A cache holds the items that were served last, compressed once for all sessions. It is a leaf behind one
// mutex, which is not held while an item is read from the store.
type cache struct {
	most int // bytes; less than 0 = nothing is kept

	mu       sync.Mutex               // guards what follows
	entries  *bounded.Map[key, entry] // the one that was longest not used makes room
	bytes    int                      // of all entries
	sessions int                      // that are open; without any there are no entries
}

type key struct {
	hash types.Hash
	part part
}

// An entry is charged to the budget of the session that made it.
type entry struct {
	chunk  *rlpx.Chunk
	budget *p2p.Budget
}

// cost is the most that an entry takes: the content and its compressed form.
func (e entry) cost() int { return entryBytes + 2*len(e.chunk.Bytes()) }

func (c *cache) start() {
	c.entries = bounded.NewMap[key, entry](cacheItems, bounded.DropLeastRecent)
}

func (c *cache) open() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sessions++
}

// close counts a session less. After the last one the cache gives its memory back.
func (c *cache) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sessions--; c.sessions > 0 {
		return
	}
	for c.entries.Len() > 0 {
		c.dropOne()
	}
	c.start()
}

// Cached returns how many bytes of the p2p.Budget the items take that are kept to be sent again: at most 32 MiB.
func (s *Server) Cached() int {
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	return s.cache.bytes
}

func (c *cache) get(k key) *rlpx.Chunk {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, _ := c.entries.Get(k)
	return e.chunk
}

// put keeps an item and returns it, or the one that another session has put meanwhile.
func (c *cache) put(k key, e entry) *rlpx.Chunk {
	c.mu.Lock()
	defer c.mu.Unlock()
	if held, ok := c.entries.Get(k); ok {
		return held.chunk
	}
	if c.sessions == 0 {
		return e.chunk // the writer of the last session ends after its listener
	}
	if e.cost() > c.most/shares {
		return e.chunk
	}
	for c.entries.Len() == cacheItems || c.bytes+e.cost() > c.most {
		c.dropOne()
	}
	c.entries.Put(k, e)
	c.bytes += e.cost()
	e.budget.Charge(e.cost())
	return e.chunk
}

// dropOne drops the entry that was longest not used.
func (c *cache) dropOne() {
	for k, e := range c.entries.All() {
		c.entries.Delete(k)
		c.bytes -= e.cost()
		e.budget.Give(e.cost())
		return
	}
}

// chunk returns a part of a block as an item to send, or nil if it is not held.
func (l *listener) chunk(h types.Hash, p part) *rlpx.Chunk {
	k := key{h, p}
	if item := l.cache.get(k); item != nil {
		return item
	}
	raw := l.read(k)
	if raw == nil {
		return nil
	}
	return l.cache.put(k, entry{rlpx.NewChunk(raw), l.budget})
}

// read returns a part of a block from the store, or nil.
func (l *listener) read(k key) []byte {
	switch k.part {
	case headerOf:
		return l.chain.Header(k.hash)
	case bodyOf:
		return l.chain.Body(k.hash)
	case accessListOf:
		return l.chain.AccessList(k.hash)
	}
	raw := l.chain.Receipts(k.hash)
	if raw != nil && k.part == bloomReceiptsOf {
		return withBlooms(raw)
	}
	return raw
}
