// SPDX-License-Identifier: Apache-2.0

// Package txgossip hears transactions: whole ones, and announced ones, which it fetches
// (https://github.com/ethereum/devp2p/blob/master/caps/eth.md#transaction-exchange). It
// listens from the first moment on, unlike a node that must be synced first.
//
// In: Transactions, NewPooledTransactionHashes and the replies to what it asks, as a role
// of eth's sessions; and the bodies of blocks, from whoever has them. Out: an [event.Tx]
// when a transaction is first heard of, another one when the body of an announced one
// comes, an [event.Sighting] for each further telling, and violations, which end a
// session.
//
// A peer's reader decodes what it sends and recovers the senders, so that a peer pays for
// its own flood. The loop ([Gossip.Run]) owns the fetch machine (fetch.go) and records
// the events, in order. Two things are shared: the inbox between them, and the ledger of
// what was heard.
//
// # Limits
//
//	transactions remembered              131,072; the ones longest not told of make room
//	announced, not yet here              65,536; who has less than its share takes the
//	                                     place of the oldest of who has most
//	the same, per peer                   4,096; the first are kept
//	in one request                       256, or 128 KiB as announced; one per peer
//	waiting for the loop, per peer       256 KiB, or one message; then its reader waits
//	bodies of blocks waiting             16; then FromBlock waits
//
// What is dropped is counted and recorded as [event.Loss] at most once a second, in the
// places "txgossip.peer" and "txgossip.table" (announcements over the bounds),
// "txgossip.unknown" (transactions of an unknown type, of which only hash, type and size
// are told) and "txgossip.invalid" (whose signature is invalid, once for each time that a
// peer tells of one, or which a block holds in a form that cannot be read; they are not
// told).
package txgossip
