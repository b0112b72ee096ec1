// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"errors"
	"testing"

	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// Of a header of IBFT or QBFT linkage is checked, and neither gas nor fees.
func TestBFT(t *testing.T) {
	c := &params.Chain{HashRule: types.HashQBFT}
	parent := types.Header{Number: 7, Time: 100, Rule: types.HashQBFT, GasLimit: 1 << 50}
	for _, test := range []struct {
		change func(*types.Header)
		want   Rule // "" = the header holds
	}{
		{func(*types.Header) {}, ""},
		{func(h *types.Header) { h.GasLimit, h.GasUsed = 5, 6 }, ""},
		{func(h *types.Header) { h.Optional = types.LondonFields }, ""},
		{func(h *types.Header) { h.Extra = make([]byte, 1000) }, ""},
		{func(h *types.Header) { h.Number = 9 }, Number},
		{func(h *types.Header) { h.Time = 99 }, Time},
		{func(h *types.Header) { h.ParentHash[5]++ }, Parent},
	} {
		h := types.Header{ParentHash: parent.Hash(), Number: 8, Time: 100, Rule: types.HashQBFT}
		test.change(&h)
		err := Check(c, &parent, &h)
		broken, _ := errors.AsType[*Error](err)
		if (err == nil) != (test.want == "") || broken != nil && broken.Rule != test.want {
			t.Errorf("%+v: %v, want %q", h, err, test.want)
		}
	}
}
