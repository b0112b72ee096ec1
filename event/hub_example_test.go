// SPDX-License-Identifier: Apache-2.0

package event_test

import (
	"fmt"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// Two subscribers, one of which reads too slowly for its room.
func ExampleHub() {
	var hub event.Hub
	blocks := hub.Subscribe(func(e event.Event) bool { return e.Kind() == event.KindBlock }, 2)
	all := hub.Subscribe(nil, 0)
	for n := range uint64(4) {
		hub.Record(event.Block{Number: n})
	}
	hub.Close()
	for e := range blocks.All(nil) {
		switch e := e.(type) {
		case event.Block:
			fmt.Println("block", e.Number)
		case event.Loss:
			fmt.Println("lost", e.Count)
		}
	}
	fmt.Println(all.Waiting(), "wait for the other one")
	// Output:
	// block 0
	// block 1
	// lost 2
	// 4 wait for the other one
}

// Count what is recorded.
func ExampleTally() {
	var tally event.Tally
	start := time.Unix(0, 0)
	tally.Count(event.Tx{Hash: types.Hash{1}})
	tally.Count(event.Loss{Where: "output", Count: 3})
	s := tally.Summary(start, start.Add(time.Minute))
	fmt.Println(s.Uptime, s.Txs, s.Lost)
	// Output: 1m0s 1 [{output 3}]
}
