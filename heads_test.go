// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"testing"

	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/params"
)

// A quorum of peers whose head is not checked must not replace the weight of blocks that are checked.
func TestWhichHeadsSteerTheChain(t *testing.T) {
	for _, row := range []struct {
		chain, by string
		stale     bool
		want      bool
	}{
		{chain: "classic", by: event.HeadByGossip},
		{chain: "classic", by: event.HeadByPeers},
		{chain: "classic", by: event.HeadByFixed, want: true},
		{chain: "sepolia", by: event.HeadByPeers, want: true},
		{chain: "sepolia", by: event.HeadByPeers, stale: true},
		{chain: "sepolia", by: event.HeadByEngine, want: true},
		{chain: "sepolia", by: event.HeadByLight, want: true},
		{chain: "sepolia", by: event.HeadByLight, stale: true},
	} {
		chain, _ := params.ByName(row.chain)
		n := &Node{cfg: Config{Chain: chain}}
		h := head.Selected{Believed: head.Believed{By: row.by}, Stale: row.stale}
		if got := n.steers(&h); got != row.want {
			t.Errorf("%s, by %s, stale %v: steers = %v", row.chain, row.by, row.stale, got)
		}
	}
}
