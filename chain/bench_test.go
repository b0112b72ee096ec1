// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"runtime"
	"testing"

	"github.com/ethpeer/ethpeer/internal/test/chains"
)

// BenchmarkInsertHeaders is the verification and insertion of headers in memory, 192 at once, without seals.
func BenchmarkInsertHeaders(b *testing.B) {
	w := chains.Mined()
	l := w.Genesis().Grow(192*20, chains.Step{Seconds: 13})
	b.ReportAllocs()
	headers := 0
	for b.Loop() {
		c, err := Open(Config{Params: w.Params})
		if err != nil {
			b.Fatal(err)
		}
		for n := 1; n < len(l); n += 192 {
			if _, err := c.InsertHeaders(later, l.Headers(n, n+191)); err != nil {
				b.Fatal(err)
			}
		}
		headers += len(l) - 1
	}
	b.ReportMetric(float64(headers)/b.Elapsed().Seconds(), "headers/s")
}

// BenchmarkMemory is the memory that is in use after 100,000 headers have come, with the default history.
func BenchmarkMemory(b *testing.B) {
	w := chains.Mined()
	var most uint64
	for b.Loop() {
		c, err := Open(Config{Params: w.Params})
		if err != nil {
			b.Fatal(err)
		}
		l := w.Genesis()
		for range 100_000 / 200 {
			l = l[len(l)-1:].Grow(200, chains.Step{Seconds: 13})
			if _, err := c.InsertHeaders(later, l.Headers(1, 200)); err != nil {
				b.Fatal(err)
			}
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapAlloc)
		if c.Head().Number != 100_000 {
			b.Fatal(c.Head().Number)
		}
	}
	b.ReportMetric(float64(most)/(1<<20), "MiB")
}
