// SPDX-License-Identifier: Apache-2.0

package pebble

import (
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/internal/test/chains"
)

// later is a time after all blocks of tests.
var later = time.Unix(1<<40, 0)

func insert(t testing.TB, c *chain.Chain, raw [][]byte) {
	t.Helper()
	if n, err := c.InsertHeaders(later, raw); n != len(raw) || err != nil {
		t.Fatalf("took %d headers of %d: %v", n, len(raw), err)
	}
}

func put(t testing.TB, c *chain.Chain, b *chains.Block) {
	t.Helper()
	if err := c.PutBody(b.Hash, b.Body); err != nil {
		t.Fatal(err)
	}
	if err := c.PutReceipts(b.Hash, b.Receipts); err != nil {
		t.Fatal(err)
	}
}

// follows checks that the head is the line's last block, that all canonical headers are the line's, and the bodies and
// receipts from Earliest on.
func follows(t testing.TB, c *chain.Chain, l chains.Line) {
	t.Helper()
	if c.Head().Hash != l.Last().Hash {
		t.Fatalf("the head is block %d, not %d", c.Head().Number, l.Last().Header.Number)
	}
	for n := c.Tail(); n <= c.Head().Number; n++ {
		if string(c.HeaderAt(n)) != string(l[n].Header.Raw) {
			t.Fatalf("block %d is another", n)
		}
	}
	for n := c.Earliest(); n <= c.Head().Number; n++ {
		h, _ := c.Canonical(n)
		if body := c.Body(h); body != nil && string(body) != string(l[n].Body) {
			t.Fatalf("block %d has the body %x", n, body)
		}
		if receipts := c.Receipts(h); receipts != nil && string(receipts) != string(l[n].Receipts) {
			t.Fatalf("block %d has the receipts %x", n, receipts)
		}
	}
}

func openIn(t testing.TB, dir string, w *chains.World) *chain.Chain {
	t.Helper()
	c, err := OpenChain(dir, chain.Config{Params: w.Params}, func(s string) { t.Errorf("trouble: %s", s) })
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mustClose(t testing.TB, c interface{ Close() error }) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}
