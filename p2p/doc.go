// SPDX-License-Identifier: Apache-2.0

// Package p2p is one peer: what two nodes that have a connection say to each other
// before and below any protocol (https://github.com/ethereum/devp2p/blob/master/rlpx.md).
//
// In: a [Transport] and what the two Hellos agreed on. Out: messages for the protocols
// that both sides speak, and one recorded cause when it ends.
//
// # Goroutines
//
// A running peer has three, whatever it does, and one for each protocol that is a function:
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
// # Protocols
//
// A [Protocol] opens a [Handler] for each peer, which the three goroutines call. Whoever
// would rather have a loop of their own that reads and writes messages uses [RunProtocol],
// at the price of one more goroutine and of copies. Both may run on one connection.
//
// A protocol may stop reading; what that means for its peer:
//
//	up to 64 messages, 256 KiB  they wait; pings are answered, other protocols go on
//	beyond that                 nothing more is read: the connection is one stream, and what
//	                            is behind the next message can only be had by holding it
//	meanwhile                   our pings go on, as the writer is not the reader: they keep us
//	                            alive for a peer that waits, as any message of ours does
//	after 30 s                  the peer ends, with that as its recorded cause
//
// # Limits
//
//	message          what RLPx carries, 16 MiB, or less by [Version].MaxSize: a larger one is
//	                 refused by its frame's header if no protocol may send as much, else
//	                 before it is decompressed
//	base message     2048 bytes
//	buffers          grow with the bytes that arrive; beyond 128 KiB for each direction they
//	                 share one [Budget] with all other peers
//	pings            at most 16 wait to be answered one by one
//	time             30 s for a message to arrive, memory included; 20 s for a write; 1 s for
//	                 a goodbye
//
// # Errors
//
// Each error that ends a peer answers whose fault it was: [Violation] (they broke a rule),
// [RemoteClose] (they said goodbye), [LocalClose] (we chose to), an error of the network,
// or any other, which is a protocol of ours giving up. [Judge] says what each means for the wire,
// and for the next dial.
package p2p
