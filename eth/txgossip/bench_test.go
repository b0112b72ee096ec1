// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"testing"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// honest returns the content of a list of n transactions that are all new.
func honest(tb testing.TB, n int) (txs []byte) {
	tb.Helper()
	for i := range n {
		tx, err := types.Sign(types.Tx{Type: types.DynamicFeeTx, Nonce: uint64(i), Gas: 21000, To: types.Address{1}}, key)
		if err != nil {
			tb.Fatal(err)
		}
		txs = append(txs, tx.AppendItem(nil)...)
	}
	return txs
}

// One message of 200 new transactions, from its bytes to the events, and the same message again.
func BenchmarkHear(b *testing.B) {
	txs := honest(b, 200)
	chain := &params.Chain{}
	b.ReportAllocs()
	for b.Loop() {
		g := New(Config{Chain: chain})
		c := new(credit)
		for range 2 {
			all, fresh, err := g.hear(68, txs, 200, event.ViaBroadcast)
			if err != nil {
				b.Fatal(err)
			}
			from := arrival{via: event.ViaBroadcast, credit: c}
			if !fresh {
				g.machine.arrived(&from, all)
				continue
			}
			l := g.stage.open(source(1).Peer, c, nil)
			g.stage.add(l, job{arrival: from, all: all}, false)
			for work, ok := g.stage.take(); ok; work, ok = g.stage.take() {
				g.work(&work)(g.machine, from.at)
			}
		}
	}
}
