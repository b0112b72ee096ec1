// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"slices"
	"testing"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// later is a time after all blocks of tests.
var later = time.Unix(1<<40, 0)

// mined returns the parameters of a chain that miners make, before London.
func mined() *params.Chain {
	c := &params.Chain{Name: "mined", Ethash: &params.Ethash{}, GenesisTime: 1000}
	for _, name := range []string{"homesteadBlock", "byzantiumBlock"} {
		c.Forks.Blocks = append(c.Forks.Blocks, params.Fork{Name: name})
	}
	return begin(c, types.Header{Difficulty: *uint256.NewInt(1 << 20)})
}

// staked returns the parameters of a chain that a consensus layer makes from the genesis block on, under Shanghai.
func staked() *params.Chain {
	c := mined()
	c.Name, c.Ethash, c.Terminal = "staked", nil, new(uint256.Int)
	c.Forks.Blocks = append(c.Forks.Blocks, params.Fork{Name: "londonBlock"})
	c.Forks.Times = append(c.Forks.Times, params.Fork{Name: "shanghaiTime"})
	return begin(c, types.Header{
		Optional: types.ShanghaiFields, WithdrawalsRoot: types.EmptyRoot, BaseFee: *uint256.NewInt(1e9), Difficulty: *uint256.NewInt(1),
	})
}

func begin(c *params.Chain, h types.Header) *params.Chain {
	h.UncleHash, h.TxRoot, h.ReceiptRoot = types.EmptyUncleHash, types.EmptyRoot, types.EmptyRoot
	h.Time, h.GasLimit = 1000, 8_000_000
	c.Genesis = h.Append(nil)
	c.GenesisHash, c.GenesisTime, c.GenesisDifficulty = h.Hash(), h.Time, h.Difficulty
	return c
}

// A line is headers that follow each other; each has its Raw.
type line []types.Header

// genesis returns the line of the genesis block.
func genesis(t testing.TB, c *params.Chain) line {
	t.Helper()
	h, err := types.DecodeHeader(c.Genesis)
	if err != nil {
		t.Fatal(err)
	}
	return line{h}
}

// grow returns the line with n blocks more, each so many seconds after the one before; mark makes them differ from
// others at their place.
func (l line) grow(c *params.Chain, n int, seconds uint64, mark byte) line {
	l = slices.Clone(l)
	for range n {
		parent := &l[len(l)-1]
		h := *parent
		h.Raw, h.ParentHash = nil, parent.Hash()
		h.Number, h.Time, h.Extra = parent.Number+1, parent.Time+seconds, []byte{mark}
		r := c.Rules(h.Number, h.Time)
		if r.London {
			h.BaseFee, h.Difficulty = rules.NextBaseFee(parent), uint256.Int{}
		} else {
			h.Difficulty = rules.NextDifficulty(c, &r, parent, h.Time)
		}
		l = append(l, sealed(h))
	}
	return l
}

// sealed returns the header with its Raw.
func sealed(h types.Header) types.Header {
	h.Raw = h.Append(nil)
	return h
}

// raw returns the bytes of the line's headers from one number to another, both included.
func (l line) raw(from, to int) (raw [][]byte) {
	for _, h := range l[from : to+1] {
		raw = append(raw, h.Raw)
	}
	return raw
}

// back is raw, descending.
func (l line) back(from, to int) [][]byte {
	raw := l.raw(to, from)
	slices.Reverse(raw)
	return raw
}

func (l line) last() *types.Header { return &l[len(l)-1] }

func ref(h *types.Header) Ref { return Ref{h.Number, h.Hash()} }

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
func (c *Chain) follows(t testing.TB, l line) {
	t.Helper()
	if c.Head().Ref != ref(l.last()) {
		t.Fatalf("the head is block %d, %v, not %d, %v", c.Head().Number, c.Head().Hash, l.last().Number, l.last().Hash())
	}
	for n := c.Tail(); n <= c.Head().Number; n++ {
		if got, ok := c.Canonical(n); !ok || got != l[n].Hash() {
			t.Fatalf("block %d is %v, %t, not %v", n, got, ok, l[n].Hash())
		}
		if string(c.HeaderAt(n)) != string(l[n].Raw) {
			t.Fatalf("block %d has other bytes", n)
		}
	}
}

// checkInvariants checks what always holds.
func (c *Chain) checkInvariants(t testing.TB) {
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

func paramsFork(name string, at uint64) params.Fork { return params.Fork{Name: name, At: at} }

func paramsBlobs(fork string) params.Blobs {
	return params.Blobs{Fork: fork, Target: 3, Max: 6, UpdateFraction: 3_338_477}
}
