// SPDX-License-Identifier: Apache-2.0

// Package txgossip is the role that receives transactions, and fetches announced ones
// (https://github.com/ethereum/devp2p/blob/master/caps/eth.md#transaction-exchange).
//
// It listens from the first moment on, while a node must sync first. In: Transactions,
// NewPooledTransactionHashes and PooledTransactions, as a role of eth's sessions; and the
// transactions of blocks ([Gossip.FromBlock]). Out: an [event.Tx] for the first mention of a
// transaction, another one when an announced one arrives whole, an [event.Sighting] for each further
// mention, and violations, which end a session.
//
// A session's reader decodes what its peer sends and runs all checks that are cheap: known already,
// form, chain (EIP-155), fields, ranges of the signature. One goroutine recovers the senders of what
// is left, a batch of each peer in turn (stage.go), and reads the transactions of blocks. The loop
// ([Gossip.Run]) owns the machine (machine.go), which records the events and the table of what to fetch
// (package fetch). Only what a table took is told.
//
// A well-formed transaction that can never be valid is discarded alone and counted, and does not end
// the session (devp2p/caps/eth.md#transaction-encoding-and-validity). A late reply is processed like
// any other, and its sender gets requests again.
//
// The specification recommends to disconnect a peer that sends a transaction of an unknown type
// (devp2p/caps/eth.md#transaction-encoding-and-validity). Gossip does not: after a fork with a new type
// an older program would lose all its peers. It tells hash, type and size of the transaction.
//
// # Limits
//
//	transactions remembered              131,072 that several peers mentioned, 65,536 of one peer,
//	                                     16,384 that are not told; of each kind the ones longest not
//	                                     mentioned make room
//	announced, told, not yet here        65,536; a peer with less than its share takes the place of the
//	                                     oldest of the peer that has most
//	the same, per peer                   4,096, for 5 minutes; the first are kept
//	announced, to be fetched             65,536, and 4,096 per peer, with the same share
//	in one request                       256, or 128 KiB as announced; one per peer
//	senders to recover, per peer         512, and one reply; then its reader waits
//	the same, in all                     16,384; then readers wait whose peer has some waiting
//	one turn of a peer                   16 senders; as few as 1 if less than one in 32 of its
//	                                     transactions was new and mentioned by others, too
//	waiting for the loop, per peer       256 KiB, or one message; then its reader waits
//	blocks whose transactions wait       64, or 32 MiB; the peer that has most loses its last
//
// What is dropped is counted and recorded as [event.Loss] at most once a second, in these places:
//
//	txgossip.peer, txgossip.table  announcements over the bounds
//	txgossip.stage                 transactions of peers that left, beyond 512, and what waits at the end
//	txgossip.blocks                blocks with unread transactions
//	txgossip.unknown               transactions of an unknown type: only hash, type and size are told
//	txgossip.chain                 transactions of another chain, once for each mention; not told
//	txgossip.invalid               transactions with an invalid signature or value, once for each
//	                               mention by a peer, or in a block that cannot be read; not told
package txgossip
