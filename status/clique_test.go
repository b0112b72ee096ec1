// SPDX-License-Identifier: Apache-2.0

package status

import (
	"reflect"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/internal/test/chains"
)

// Five signers, of which each may sign one block in three. Twenty blocks in turn, then signer 1 is passed over at block 21.
// From there on the signer in turn has just signed, so the next one signs: that is no missed turn.
func TestSignersAndMissedTurns(t *testing.T) {
	w := chains.Clique(5, 100)
	line := w.Genesis().Grow(20, chains.Step{}).Grow(1, chains.Step{Late: 1}).Grow(4, chains.Step{})
	c, err := chain.Open(chain.Config{Params: w.Params})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.InsertHeaders(time.Unix(1<<33, 0), line.Headers(1, len(line)-1)); err != nil {
		t.Fatal(err)
	}
	signers, err := c.Signers(c.Head().Hash)
	if err != nil {
		t.Fatal(err)
	}
	want := Clique{Blocks: 25}
	for i, a := range signers.Signers() { // ascending, as the turns go
		want.Signers = append(want.Signers, Signer{Address: a.String(), Signed: 5, Last: []uint64{24, 25, 21, 22, 23}[i]})
	}
	want.Signers[1].Missed = 1
	if got := cliqueOf(c); !reflect.DeepEqual(got, &want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
