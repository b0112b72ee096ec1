// SPDX-License-Identifier: Apache-2.0

//go:build !race

package txgossip

import (
	"testing"

	"github.com/ethpeer/ethpeer/event"
)

// Hearing a new transaction takes one allocation, and one that was here before none; a message takes one
// more, and the parts of the stage a few for each batch.
func TestHearingAllocatesLittle(t *testing.T) {
	txs := honest(t, 200)
	g := New(Config{})
	hear := func() (all []heard) {
		all, _, err := g.hear(68, txs, 200, event.ViaBroadcast)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if n := testing.AllocsPerRun(10, func() { hear() }); n > 201 {
		t.Errorf("200 new transactions take %v allocations", n)
	}
	for _, h := range hear() {
		g.seen.deliver(h.hash, new(credit), false)
	}
	if n := testing.AllocsPerRun(10, func() { hear() }); n > 1 {
		t.Errorf("200 known transactions take %v allocations", n)
	}
}
