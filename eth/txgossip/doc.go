// SPDX-License-Identifier: Apache-2.0

// Package txgossip is the role that hears transactions: whole ones, and announced ones, which it
// fetches (https://github.com/ethereum/devp2p/blob/master/caps/eth.md#transaction-exchange).
//
// It listens from the first moment on, unlike a node that must be synced first. In: Transactions,
// NewPooledTransactionHashes and the replies to what it asks, as a role of eth's sessions; and
// the transactions of blocks ([Gossip.FromBlock]). Out: an [event.Tx] when a transaction is first
// heard of, another one when an announced one arrives whole, an [event.Sighting] for each further
// mention, and violations, which end a session.
//
// A session's reader decodes what its peer sends and recovers the senders, so that a peer pays
// for its own flood; the transactions of blocks are read by a goroutine of their own, in turns.
// The loop ([Gossip.Run]) owns the machine (machine.go), which records the events, in order, and
// the table of what to fetch (package fetch). Two things are shared: the inbox between them, and
// what was seen (seen.go).
//
// A transaction that is well-formed and can never be valid is discarded alone and counted, and
// does not end the session
// (https://github.com/ethereum/devp2p/blob/master/caps/eth.md#transaction-encoding-and-validity).
// A reply that comes after its time is told as any other, and its sender is asked again.
//
// # Limits
//
//	transactions remembered              131,072; the ones longest not mentioned make room
//	announced, not yet here              65,536; a peer with less than its share takes the
//	                                     place of the oldest of the peer that has most
//	the same, per peer                   4,096; the first are kept
//	in one request                       256, or 128 KiB as announced; one per peer
//	waiting for the loop, per peer       256 KiB, or one message; then its reader waits
//	blocks whose transactions wait       64, or 32 MiB; the peer that has most loses its last
//
// What is dropped is counted and recorded as [event.Loss] at most once a second, in the
// places "txgossip.peer" and "txgossip.table" (announcements over the bounds),
// "txgossip.blocks" (blocks whose transactions were not read), "txgossip.unknown" (transactions
// of an unknown type, of which only hash, type and size are told) and "txgossip.invalid" (whose
// signature or values are invalid, once for each time that a peer tells of one, or which a block
// holds in a form that cannot be read; they are not told).
package txgossip
