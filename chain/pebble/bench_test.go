// SPDX-License-Identifier: Apache-2.0

package pebble

import (
	"testing"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/internal/test/chains"
)

// BenchmarkImport is the import of blocks of 50 transactions with their receipts into a new database: headers 192 at
// once, each body and each list of receipts by itself, as a synchronisation does.
func BenchmarkImport(b *testing.B) {
	w := chains.Mined()
	l := w.Genesis().Grow(192*5, chains.Step{Seconds: 13, Txs: 50})
	blocks := 0
	for b.Loop() {
		s, err := Open(b.TempDir(), func(s string) { b.Error(s) })
		if err != nil {
			b.Fatal(err)
		}
		c, err := chain.Open(chain.Config{Params: w.Params, Store: s})
		if err != nil {
			b.Fatal(err)
		}
		for n := 1; n < len(l); n += 192 {
			insert(b, c, l.Headers(n, n+191))
			for i := n; i < n+192; i++ {
				put(b, c, &l[i])
			}
		}
		mustClose(b, c)
		blocks += len(l) - 1
	}
	b.ReportMetric(float64(blocks)/b.Elapsed().Seconds(), "blocks/s")
}
