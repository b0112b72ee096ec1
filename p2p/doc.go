// SPDX-License-Identifier: Apache-2.0

// Package p2p runs the connection to one peer: the base protocol of devp2p and the protocols above it
// (https://github.com/ethereum/devp2p/blob/master/rlpx.md).
//
// In: a [Transport] and the results of the two Hellos. Out: messages for the protocols that both sides speak,
// and one recorded cause when the connection ends.
//
// # Goroutines
//
// A running peer has three goroutines, and one more for each protocol made by [RunProtocol]:
//
//	reader  opens frames, routes them by capability offset to Handler.Receive
//	owner   runs the steps that the reader hands over, the timers, the lifecycle
//	writer  pulls messages from the lanes, highest priority first, and sends them
//
// The reader waits until the owner has run a step, so a payload that is borrowed from the transport's buffer
// never outlives the call that borrows it. The owner never blocks. Only the writer writes, so writes need no
// lock.
//
// # Sending is pulled
//
// The peer has no send method. A protocol registers a [Lane] when it opens, marks in its own state
// what it has to send, and calls [Peer.Wake]; the writer asks the lanes when the socket can take
// more. Messages to a slow peer are therefore merged by the protocol; they never queue without
// bound, and never delay another peer.
//
// # Protocols
//
// A [Protocol] opens a [Handler] for each peer, which the three goroutines call. [RunProtocol] makes
// a protocol of a function that reads and writes messages in its own loop; it costs one more
// goroutine and copies. Both kinds may run on one connection.
//
// If a function of RunProtocol stops reading:
//
//	up to 64 messages, 256 KiB  messages queue; pings are answered, other protocols go on
//	beyond that                 the peer reads nothing more, for any protocol, because the
//	                            connection is one stream
//	meanwhile                   the writer still sends pings, which keep the remote side from
//	                            timing out
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
//	pings            at most 16 get a pong each; those beyond share one (devp2p/rlpx.md#ping-0x02)
//	time             30 s for a message to arrive, memory included; 20 s for a write; 1 s for
//	                 a goodbye
//
// # Errors
//
// The type of the error that ends a peer says what ended it: [Violation] (the remote side broke a
// rule), [RemoteClose] (it sent a Disconnect), [LocalClose] (we decided to), an error of the network,
// or any other error (a local protocol gave up). [Judge] maps each to the Disconnect to send and the
// wait before the next dial.
package p2p
