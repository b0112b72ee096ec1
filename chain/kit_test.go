// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/internal/test/chains"
	"github.com/ethpeer/ethpeer/types"
)

// later is a time after all blocks of tests.
var later = time.Unix(1<<40, 0)

func ref(b *chains.Block) Ref { return Ref{b.Header.Number, b.Hash} }

func open(t testing.TB, cfg Config) *Chain {
	t.Helper()
	c, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func insert(t testing.TB, c *Chain, raw [][]byte) {
	t.Helper()
	if n, err := c.InsertHeaders(later, raw); n != len(raw) || err != nil {
		t.Fatalf("took %d headers of %d: %v", n, len(raw), err)
	}
	c.checkInvariants(t)
}

// follows checks that the head is the line's last block, and that the canonical blocks from its tail on are the line's.
func (c *Chain) follows(t fataler, l chains.Line) {
	t.Helper()
	if c.Head().Ref != ref(l.Last()) {
		t.Fatalf("the head is block %d, %v, not %d, %v", c.Head().Number, c.Head().Hash, l.Last().Header.Number, l.Last().Hash)
	}
	for n := c.Tail(); n <= c.Head().Number; n++ {
		if got, ok := c.Canonical(n); !ok || got != l[n].Hash {
			t.Fatalf("block %d is %v, %t, not %v", n, got, ok, l[n].Hash)
		}
		if string(c.HeaderAt(n)) != string(l[n].Header.Raw) {
			t.Fatalf("block %d has other bytes", n)
		}
	}
}

// checkInvariants checks what always holds.
func (c *Chain) checkInvariants(t fataler) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &c.state
	if top, ok := s.runs.top(); !ok || top.hi != s.head.Number || !s.runs.has(0) || len(s.runs) > maxRuns {
		t.Fatalf("the head is block %d, the runs are %v", s.head.Number, s.runs)
	}
	for _, run := range s.runs {
		parent := types.Hash{}
		for n := run.lo; n <= run.hi; n++ {
			h, ok := c.Canonical(n)
			header, err := types.DecodeHeader(c.Header(h))
			if !ok || err != nil || header.Number != n || n > run.lo && header.ParentHash != parent {
				t.Fatalf("block %d of the run %v: %v, %t, %v", n, run, h, ok, err)
			}
			body, receipts := c.Body(h) != nil, c.Receipts(h) != nil
			if full := body && receipts; full != s.full.has(n) && !s.bare.has(n) {
				t.Fatalf("block %d has body %t, receipts %t, and counts as full: %t", n, body, receipts, s.full.has(n))
			}
			if some := body || receipts || c.AccessList(h) != nil; some != s.held.has(n) && !s.bare.has(n) {
				t.Fatalf("block %d counts as held: %t", n, s.held.has(n))
			}
			if c.side.blocks[h] != nil {
				t.Fatalf("block %d is canonical and on a side chain", n)
			}
			parent = h
		}
	}
	bytes, children := 0, make(map[types.Hash]int)
	for hash, b := range c.side.blocks {
		h, err := types.DecodeHeader(c.Header(hash))
		if err != nil || b.Hash != hash || h.Number != b.Number || h.ParentHash != b.parent {
			t.Fatalf("side block %v: %v", hash, err)
		}
		if at, ok := c.Canonical(b.Number - 1); c.side.blocks[b.parent] == nil && (!ok || at != b.parent) {
			t.Fatalf("side block %d, %v hangs in the air", b.Number, hash)
		}
		bytes += b.size
		children[b.parent]++
	}
	for hash, b := range c.side.blocks {
		if b.children != children[hash] {
			t.Fatalf("side block %d has %d children, not %d", b.Number, b.children, children[hash])
		}
	}
	if bytes != c.side.bytes || len(c.side.blocks) > c.side.most || bytes > MaxSideBytes {
		t.Fatalf("%d side blocks of %d bytes count as %d", len(c.side.blocks), bytes, c.side.bytes)
	}
}

func at(seconds uint64) time.Time { return time.Unix(int64(seconds), 0) } //nolint:gosec // small

// A fataler is a *testing.T or a *rapid.T.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}
