// SPDX-License-Identifier: Apache-2.0

package chains

import (
	"testing"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/types"
)

// TestRules: all that is made keeps the rules.
func TestRules(t *testing.T) {
	for _, w := range []*World{Mined(), Staked(), Clique(3, 10)} {
		l := w.Genesis().Grow(25, Step{Txs: 3}).Grow(5, Step{Mark: 1, Late: 1})
		for i := range l[1:] {
			parent, b := &l[i].Header, &l[i+1]
			if err := rules.Check(w.Params, parent, &b.Header); err != nil {
				t.Error(w.Params.Name, err)
			}
			body, err := types.DecodeBody(b.Body)
			if err == nil {
				err = rules.CheckBody(w.Params, &b.Header, &body)
			}
			if err != nil {
				t.Error(w.Params.Name, err)
			}
			if block, err := types.DecodeBlock(b.RLP()); err != nil || block.Header.Hash() != b.Hash {
				t.Error(w.Params.Name, err)
			}
		}
	}
}
