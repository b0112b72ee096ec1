// SPDX-License-Identifier: Apache-2.0

package pebble

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/chains"
)

// TestCrashes: a power cut at any moment, with any part of what was not synced lost, leaves a chain that goes on to the
// same end: forward with reorganisations, and backward from a believed head.
func TestCrashes(t *testing.T) {
	rounds := 500
	// Fewer rounds with the race detector: a round has one goroutine and is slow then.
	if bubble.Race || testing.Short() {
		rounds = 5
	}
	forward, backward := newForward(), newBackward()
	for name, sync := range map[string]interface {
		params() *chains.World
		step(t *testing.T, c *chain.Chain) (done bool)
	}{"forward": forward, "backward": backward} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(7, 11))
			files := vfs.NewCrashableMem()
			lost, ends := 0, 0
			for range rounds {
				c := openFiles(t, files, sync.params())
				var crashed *vfs.MemFS
				for range 1 + rng.IntN(12) {
					if sync.step(t, c) {
						ends++
						break
					}
				}
				if rng.IntN(8) > 0 {
					crashed = files.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: rng.IntN(101), RNG: rng})
				}
				over := c.Head()
				mustClose(t, c)
				if crashed == nil { // an orderly end
					crashed = files.CrashClone(vfs.CrashCloneCfg{})
				}
				files = crashed
				c = openFiles(t, files, sync.params())
				if c.Head() != over {
					lost++
				}
				if over.Hash == c.Head().Hash && ends > 0 && rng.IntN(4) == 0 { // begin anew
					files, ends = vfs.NewCrashableMem(), 0
				}
				mustClose(t, c)
			}
			if !bubble.Race && lost == 0 {
				t.Error("no crash lost anything: the test shows nothing")
			}
			c := openFiles(t, files, sync.params())
			defer mustClose(t, c)
			for range 1000 {
				if sync.step(t, c) {
					return
				}
			}
			t.Error("the synchronisation does not end")
		})
	}
}

func openFiles(t *testing.T, files vfs.FS, w *chains.World) *chain.Chain {
	t.Helper()
	s, err := open("chain", files)
	if err != nil {
		t.Fatal(err)
	}
	c, err := chain.Open(chain.Config{Params: w.Params, Store: s, History: 40})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// forward synchronises a chain whose branches outweigh each other.
type forward struct {
	w     *chains.World
	lines []chains.Line // each heavier than the one before
}

func newForward() *forward {
	w := chains.Mined()
	a := w.Genesis().Grow(60, chains.Step{Seconds: 13, Txs: 1})
	b := a[:50].Grow(30, chains.Step{Seconds: 13, Mark: 1, Txs: 1})
	c := b[:70].Grow(40, chains.Step{Seconds: 13, Mark: 2})
	return &forward{w, []chains.Line{a, b, c}}
}

func (f *forward) params() *chains.World { return f.w }

// step takes some headers of the first line that is not there yet, and the values of the head.
func (f *forward) step(t *testing.T, c *chain.Chain) (done bool) {
	t.Helper()
	for _, l := range f.lines {
		n := len(l) - 1
		for n > 0 && c.Header(l[n].Hash) == nil {
			n--
		}
		if n == len(l)-1 {
			continue
		}
		to := min(n+7, len(l)-1)
		if _, err := c.InsertHeaders(later, l.Headers(n+1, to)); err != nil {
			t.Fatal(err)
		}
		if err := c.PutBody(l[to].Hash, l[to].Body); err != nil && !errors.Is(err, chain.ErrNotKept) {
			t.Fatal(err)
		}
		if err := c.PutReceipts(l[to].Hash, l[to].Receipts); err != nil && !errors.Is(err, chain.ErrNotKept) {
			t.Fatal(err)
		}
		return false
	}
	follows(t, c, f.lines[len(f.lines)-1])
	return true
}

// backward synchronises a chain whose heads are named.
type backward struct {
	w     *chains.World
	trunk chains.Line
	fork  chains.Line
}

func newBackward() *backward {
	w := chains.Staked()
	trunk := w.Genesis().Grow(200, chains.Step{Txs: 1})
	return &backward{w, trunk, trunk[:120].Grow(60, chains.Step{Mark: 1})}
}

func (f *backward) params() *chains.World { return f.w }

func (f *backward) step(t *testing.T, c *chain.Chain) (done bool) {
	t.Helper()
	if g, ok := c.Gap(); ok {
		l := f.trunk
		if n := g.Next.Number; n < uint64(len(f.fork)) && f.fork[n].Hash == g.Next.Hash { //nolint:gosec // small
			l = f.fork
		}
		low := max(1, int(g.Next.Number)-10) //nolint:gosec // small
		if _, err := c.InsertBack(l.Headers(int(g.Next.Number), low)); err != nil {
			t.Fatal(err)
		}
		return false
	}
	for _, b := range []*chains.Block{&f.trunk[60], &f.trunk[150], &f.fork[170], &f.trunk[200]} {
		if c.Meta(b.Hash.String()) != nil {
			continue
		}
		if err := c.SetHead(chain.Ref{Number: b.Header.Number, Hash: b.Hash}, b.Header.Raw); err != nil {
			t.Fatal(err)
		}
		c.PutMeta(b.Hash.String(), []byte{1})
		return false
	}
	follows(t, c, f.trunk)
	if c.Tail() != 0 {
		t.Errorf("the tail is block %d", c.Tail())
	}
	return true
}
