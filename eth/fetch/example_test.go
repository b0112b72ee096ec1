// SPDX-License-Identifier: Apache-2.0

package fetch_test

import (
	"fmt"
	"time"

	"github.com/ethpeer/ethpeer/eth/fetch"
)

// Two peers announce a key. The first one does not answer, so the second one is asked.
func ExampleTable() {
	table := fetch.New[string, string, int](fetch.Rules{
		Limit: 1000, PerPeer: 100, AskKeys: 10, Wait: 500 * time.Millisecond,
		Cooldown: 30 * time.Second, MaxCooldown: time.Hour,
		Shuffle: func(int, func(i, j int)) {}, // math/rand's Shuffle, so that no peer can arrange to be first
	})
	now := time.Unix(1_700_000_000, 0)
	table.Join("alice")
	table.Join("bob")
	table.Offer(now, "alice", "a block", 0, 17)
	table.Offer(now, "bob", "a block", 0, 17)

	asks, next := table.Next(now)
	fmt.Println(len(asks), "asks; next in", next.Sub(now))
	now = next
	asks, _ = table.Next(now)
	fmt.Println("ask", asks[0].Peer, "for", asks[0].Keys)

	table.Failed(now.Add(5*time.Second), "alice")
	asks, _ = table.Next(now.Add(5 * time.Second))
	fmt.Println("ask", asks[0].Peer, "for", asks[0].Keys)

	for _, offered := range table.Got("a block") {
		fmt.Println("offered by", offered.Peer, "with", offered.Note)
	}
	if err := table.Answered("bob", []string{"a block"}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 0 asks; next in 500ms
	// ask alice for [a block]
	// ask bob for [a block]
	// offered by bob with 17
}
