// SPDX-License-Identifier: Apache-2.0

package head_test

import (
	"fmt"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/types"
)

// A peer says which block is its latest. The machine asks for the header, and believes what enough
// peers support.
func Example() {
	genesis := chain.Link{Hash: types.Hash{1}}
	first := chain.Link{Hash: types.Hash{2}, Parent: genesis.Hash, Number: 1, Time: 12}
	m := head.NewPeers[string](head.Config{
		Genesis: genesis, Recent: 1024, Choose: func(int) int { return 0 },
	})
	now := time.Unix(100, 0)
	m.Join(now, "alice", head.Info{Latest: first.Ref(), HasBlockRange: true, HasRequestIDs: true})

	asks, next := m.Next(now, nil)
	fmt.Println(len(asks), "requests; next after", next.Sub(now))

	now = next
	asks, _ = m.Next(now, nil)
	for _, ask := range asks {
		fmt.Println("ask", ask.Peer, "for", ask.Amount)
		_, err := m.Headers(now, ask.Peer, []chain.Link{first})
		fmt.Println("error", err)
	}
	if h, changed := m.Changed(now); changed {
		fmt.Println("head", h.Number, "by", m.By(h), "with", h.Supporters, "supporter")
	}
	// Output:
	// 0 requests; next after 3s
	// ask alice for 1
	// error <nil>
	// head 1 by peers with 1 supporter
}
