// SPDX-License-Identifier: Apache-2.0

// Package discover finds nodes: in the store of known nodes, in DNS lists (EIP-1459), and by
// requests to other nodes in versions 4 and 5 of the node discovery protocol, which share one UDP
// socket.
//
// In: bootnodes, lists, the store of nodes, datagrams. Out: one node per call of
// Finder.Next, and responses to the requests of other nodes.
//
//	f, err := discover.New(discover.Config{Key: key, Self: self, Listen: ":30303", V4: true, V5: true, Bootnodes: nodes})
//	…
//	if err := f.Open(); err != nil { … }
//	go f.Run(ctx)
//	for found, ok := f.Next(ctx); ok; found, ok = f.Next(ctx) { … }
//
// # The order of nodes
//
// Nodes that were good peers before come first, so that a restart costs nothing. After them the
// sources take turns; a source without a node within 100 ms loses its turn to the first source that has one.
// Unwanted nodes, for example with the wrong fork ID, never take a turn. Without a call of Next,
// no source looks for nodes.
//
// # The path of a datagram
//
// One goroutine reads the socket. A datagram with a valid hash of version 4 (devp2p/discv4.md#wire-protocol) goes to
// package v4, one with a header of version 5 (devp2p/discv5/discv5-wire.md#protocol-header) to package v5. Each has a
// bounded inbox and one loop. Datagrams of neither protocol are counted.
//
// # Limits
//
// Each source holds one node ready. Packages v4, v5, dns and nodedb state the bounds of what they hold.
// Of lists of bootnodes 16 nodes are held at a time. At most 64 bootnodes may have host names. A host name is looked up for 5 s at most, four at
// a time, and again 30 s after a failure.
package discover
