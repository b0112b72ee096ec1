// SPDX-License-Identifier: Apache-2.0

// Package discover finds nodes: in what is remembered from before, in lists in DNS, and by
// asking other nodes, in versions 4 and 5 of the node discovery protocol, which share one UDP
// socket.
//
// In: bootnodes, lists, the store of nodes, datagrams. Out: one node after the other, from
// Finder.Next, to whoever has a place for one; and answers to those who ask us.
//
//	f, err := discover.New(discover.Config{Key: key, Self: self, Listen: ":30303", V4: true, V5: true, Bootnodes: nodes})
//	…
//	if err := f.Open(); err != nil { … }
//	go f.Run(ctx)
//	for found, ok := f.Next(ctx); ok; found, ok = f.Next(ctx) { … }
//
// # Who is found first
//
// Nodes that were good peers before come first, so that a restart costs nothing. Then every
// source has its turn; one that has nothing within 100 ms loses it to whoever has something.
// What is not wanted, for its fork above all, never takes a turn. Nothing is looked for while
// nobody waits for a node.
//
// # The path of a datagram
//
// One goroutine reads the socket. What has the hash of version 4 goes to package v4, the rest
// to package v5, each of which has a bounded inbox and one loop. What belongs to neither is
// counted.
//
// # Limits
//
// A source has one node ready. What engines, lists and store hold is bounded where they are;
// see there. At most 64 bootnodes have host names; they are looked up for 5 s at most, four at
// a time, and again after 30 s if that failed.
package discover
