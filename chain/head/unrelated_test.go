// SPDX-License-Identifier: Apache-2.0

package head

import (
	"net/netip"
	"testing"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/types"
)

// Supporters of one network count once for a quorum, whichever side dialled. Supporters without a network
// count once each. A peer that is behind, or on another block, does not count.
func TestUnrelatedSupporters(t *testing.T) {
	genesis := chain.Link{Hash: types.Hash{1}, Time: 1}
	block := chain.Link{Hash: types.Hash{2}, Parent: genesis.Hash, Number: 1, Time: 2}
	next := chain.Link{Hash: types.Hash{3}, Parent: block.Hash, Number: 2, Time: 3}
	tr := NewTracker[int](genesis, 100)
	for _, l := range []chain.Link{block, next} {
		if err := tr.Add(0, l, false); err != nil {
			t.Fatal(err)
		}
	}
	group := func(n byte) netip.Prefix { return netip.PrefixFrom(netip.AddrFrom4([4]byte{n, 1}), 16) }
	want := func(supporters, unrelated int) {
		t.Helper()
		h, _ := tr.Settle()
		if h.Number != 1 || h.Supporters != supporters || h.Unrelated != unrelated {
			t.Errorf("block %d has %d supporters, %d unrelated; want %d, %d", h.Number, h.Supporters, h.Unrelated, supporters, unrelated)
		}
	}
	for i := range 4 {
		tr.Join(i, Origin{Inbound: i > 1, Group: group(34)})
		tr.Latest(i, block.Ref())
	}
	want(4, 1)
	tr.Join(5, Origin{Group: group(35)})
	tr.Latest(5, next.Ref())
	want(5, 2)
	for i := 6; i < 8; i++ {
		tr.Join(i, Origin{})
		tr.Latest(i, block.Ref())
	}
	want(7, 4)
	tr.Join(8, Origin{Group: group(36)})
	tr.Latest(8, genesis.Ref())
	want(7, 4)
	tr.Leave(5)
	want(6, 3)
}
