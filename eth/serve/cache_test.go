// SPDX-License-Identifier: Apache-2.0

package serve

import (
	"sync"
	"testing"
	"testing/synctest"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlpx"
	"github.com/ethpeer/ethpeer/types"
)

func (c *cache) check(t *testing.T, budget *p2p.Budget) {
	t.Helper()
	sum := 0
	for _, e := range c.entries.All() {
		sum += e.cost()
	}
	if sum != c.bytes || sum > cacheBytes || c.entries.Len() > cacheItems || budget.Used() != sum {
		t.Fatalf("%d entries of %d bytes, %d counted, %d charged", c.entries.Len(), sum, c.bytes, budget.Used())
	}
}

// The cache is bounded, charged, and keeps what was used last; without a session it is empty.
func TestCacheBounds(t *testing.T) {
	budget := p2p.NewBudget(0)
	c := cache{most: cacheBytes}
	c.start()
	c.open()
	put := func(i, size int) *rlpx.Chunk {
		return c.put(key{types.Hash{byte(i), byte(i >> 8)}, bodyOf}, entry{rlpx.NewChunk(make([]byte, size)), budget})
	}
	first := put(0, 100)
	for i := 1; i < 300; i++ {
		put(i, 100<<10)
		if c.get(key{types.Hash{}, bodyOf}) != first {
			t.Fatal("an item that is used was dropped")
		}
		c.check(t, budget)
	}
	if c.get(key{types.Hash{1}, bodyOf}) != nil || c.get(key{types.Hash{43, 1}, bodyOf}) == nil {
		t.Error("not the item that was longest not used made room")
	}
	if put(0, 5) != first {
		t.Error("an item was put twice")
	}
	c.close()
	c.check(t, budget)
	if put(1, 10); c.entries.Len() != 0 || budget.Used() != 0 {
		t.Errorf("%d entries and %d bytes without a session", c.entries.Len(), budget.Used())
	}
}

// Two sessions share an item; a large one is not kept.
func TestSessionsShareItems(t *testing.T) {
	b, all := straight(3)
	b.bodies[all[0]], b.bodies[all[1]] = bodyOfSize(100, 0), bodyOfSize(cacheBytes/shares/2+1, 0)
	s := New(Config{Chain: b})
	first, second := &listener{Server: s, version: 66}, &listener{Server: s, version: 72}
	s.cache.open()
	if item := first.chunk(all[0], bodyOf); item == nil || item != second.chunk(all[0], bodyOf) {
		t.Error("the sessions do not share an item")
	}
	if large := first.chunk(all[1], bodyOf); large == nil || large == second.chunk(all[1], bodyOf) || s.Cached() > 1000 {
		t.Error("a large item was kept")
	}
	if first.chunk(all[2], bodyOf) != nil {
		t.Error("an item that is not there was found")
	}
}

// What was served is charged while there is a session, and given back with the last one.
func TestCacheEndsWithTheLastSession(t *testing.T) {
	b, all := straight(100)
	chain, _ := params.ByName("mainnet")
	bubble.Test(t, func(t *testing.T) {
		s, budget := New(Config{Chain: b}), p2p.NewBudget(0)
		one, two := startAsker(t, s, chain, 66, budget), startAsker(t, s, chain, 69, budget)
		for _, a := range []*asker{one, two} {
			if r, _ := ask(a, wire.HeadersRequest{Origin: wire.AtHash(all[0]), Amount: 100}, 1); r.Len() != 100 {
				t.Errorf("%d headers", r.Len())
			}
		}
		synctest.Wait()
		if used := budget.Used(); used != s.Cached() || used == 0 {
			t.Errorf("%d bytes are charged for %d", used, s.Cached())
		}
		one.leave()
		if s.Cached() == 0 {
			t.Error("the cache ended with the first session")
		}
		two.leave()
		if used := budget.Used(); used != 0 || s.Cached() != 0 {
			t.Errorf("%d bytes are charged", used)
		}
	})
}

// The reader takes requests while the store does not answer, and their replies keep their order.
func TestReaderDoesNotWaitForTheStore(t *testing.T) {
	b, all := straight(2)
	b.bodies[all[0]] = bodyOfSize(10, 0)
	inBubble(t, b, 68, func(a *asker) {
		release := make(chan struct{})
		b.before = func() { <-release }
		row := wire.KindGetBlockBodies.Row()
		for id := range uint64(20) {
			a.write(row.Code, wire.BodiesRequest{Hashes: all[:1]}.Append(nil, a.v, id)) // returns when it was read
		}
		synctest.Wait()
		close(release)
		for id := range uint64(20) {
			_, payload := a.read()
			if got, err := wire.RequestID(a.v, payload); err != nil || got != id {
				t.Fatalf("reply %d, %v; want %d", got, err, id)
			}
		}
	})
}

// Without a cache everything is served all the same.
func TestNoCache(t *testing.T) {
	b, _ := straight(10)
	chain, _ := params.ByName("mainnet")
	bubble.Test(t, func(t *testing.T) {
		s := New(Config{Chain: b, CacheBytes: -1})
		a := startAsker(t, s, chain, 68)
		for range 2 {
			if r, _ := ask(a, wire.HeadersRequest{Amount: 10}, 1); r.Len() != 10 || s.Cached() != 0 {
				t.Errorf("%d headers, %d bytes are cached", r.Len(), s.Cached())
			}
		}
	})
}

// What is served from the cache allocates nothing.
func TestServingAllocates(t *testing.T) {
	b, all := straight(192)
	s := New(Config{Chain: b})
	s.cache.open()
	l := &listener{Server: s, version: 68}
	var out p2p.Out
	q := wire.GetBlockHeaders{Origin: wire.AtNumber(0), Amount: 192}
	byHash := wire.GetBlockHeaders{Origin: wire.AtHash(all[191]), Amount: 192, Reverse: true}
	produce := func() {
		for _, q := range []*wire.GetBlockHeaders{&q, &byHash} {
			out.Raw, out.Chunks = out.Raw[:0], out.Chunks[:0]
			if l.headers(&out, wire.Reply{Kind: wire.KindBlockHeaders}, q); len(out.Chunks) != 192 {
				t.Fatalf("%d headers", len(out.Chunks))
			}
		}
	}
	produce()
	if n := testing.AllocsPerRun(10, produce); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// Many writers at once: the race detector looks on.
func TestCacheOfManyWriters(t *testing.T) {
	b, all := straight(300)
	s := New(Config{Chain: readOnly{b}})
	s.cache.open()
	budget := p2p.NewBudget(0)
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			l := &listener{Server: s, version: 68, budget: budget}
			for at := range all {
				var out p2p.Out
				l.headers(&out, wire.Reply{Kind: wire.KindBlockHeaders}, &wire.GetBlockHeaders{Origin: wire.AtNumber(uint64(at)), Amount: 8})
				if len(out.Chunks) != min(8, len(all)-at) {
					t.Errorf("%d headers at %d", len(out.Chunks), at)
				}
			}
		})
	}
	writers.Wait()
	s.cache.check(t, budget)
}

// readOnly counts no reads.
type readOnly struct{ *book }

func (r readOnly) Header(h types.Hash) []byte { return r.headers[h] }
