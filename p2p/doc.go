// SPDX-License-Identifier: Apache-2.0

// Package p2p is one peer: what two nodes that have a connection say to each other
// before and below any protocol (https://github.com/ethereum/devp2p/blob/master/rlpx.md).
//
// In: a [Transport] and what the two Hellos agreed on. Out: messages for the protocols
// that both sides speak, and one recorded cause when it ends.
//
// # Goroutines
//
// A running peer has three, whatever it does:
//
//	reader  opens frames, routes them by capability offset to Handler.Receive
//	owner   runs the steps that the reader hands over, the timers, the lifecycle
//	writer  pulls messages from the lanes, highest priority first, and sends them
//
// The reader waits until the owner has run a step, so a payload that is borrowed from the
// transport's buffer never outlives the call that borrows it. The owner never blocks. No
// goroutine but the writer writes, so there is nothing to serialise.
//
// # Sending is pulled
//
// Nobody hands the peer a message. A protocol registers a [Lane] when it opens, marks
// what it wants to say in its own state, and calls [Peer.Wake]; the writer asks the lanes
// when the socket can take more. A slow peer therefore coalesces what it is to be told; it
// never queues without bound, and never delays another peer.
//
// # Errors
//
// Each error that ends a peer answers whose fault it was: [Violation] (they broke a rule),
// [RemoteClose] (they said goodbye), [LocalClose] (we chose to), an error of the network,
// or any other, which is a protocol of ours giving up. [Judge] says what each means for the wire, and for the next dial.
package p2p
