// SPDX-License-Identifier: Apache-2.0

// Package chainsync downloads the chain from peers: headers, and the bodies, receipts and access lists that the chain keeps.
//
// In: the heads that peers state, the head that a source believes ([Sync.Believe]), the replies to its requests, as a role of
// eth's sessions. Out: headers, bodies, receipts and access lists for the chain, which checks them, [event.Sync], [Progress], and the ends
// of sessions with peers that lie or give nothing.
//
// # Forwards
//
// Where blocks have a weight (no terminal total difficulty, EIP-3675) the peer that states the greatest total difficulty is the
// master of a synchronisation (devp2p/caps/eth.md#chain-synchronization): with five peers, or with one after 10 s. The
// last common block is found by 12 spaced headers, then by halves, 90,000 blocks deep at most. The master gives every
// 192nd header, the skeleton, and any peer the 192 headers up to each of these: whole, linked, and ending on the skeleton's. What is above the
// skeleton comes from the master alone. The stated difficulty is a hint: a peer that lies costs time, and then its session.
//
// # Backwards
//
// Where a source believes a head, the header comes from any peer and must hash to it. If the head is near ours the headers in
// between come first; otherwise the head begins a new run of headers (chain.SetHead), and ranges of 512 headers are fetched downwards, by number from
// many peers at once, each joined by its hashes to the one above, until they meet what is held, or the end of what is kept. A later head is put on
// top while that goes on.
//
// # Bodies, receipts, access lists
//
// What is kept of canonical blocks and missing (chain.Full) is fetched from the head down, from all peers at once: from each as much
// as it is likely to give within nine tenths of a round trip, and only what is in the range that it states (EIP-7642, 64 blocks of slack) and
// what it did not lack before. A peer's reader checks each item against its header and gives it to the chain. Receipts that come in
// part (EIP-7975) are asked for again, under the same request ID.
//
// # Owners
//
// The machine (machine.go) decides and does no I/O. The loop (loop.go) sends what it decides. One worker (work.go) checks and writes
// headers and looks for what is missing, one job at a time, so that the loop never waits for the chain. A peer's reader reads
// replies, checks that headers are linked, and checks and writes bodies, receipts and access lists (read.go).
//
// # Faults
//
//	a reply that is not to the request, or whose headers are not linked     a breach
//	headers that break a rule, in a chain that its peer states as its own   a breach of the peer that gave them and of the master
//	an ancestor of a believed head breaks a rule                            the source's fault: the head is given up, "chainsync.wrong"
//	a body, receipts or an access list of no block that was asked for       a breach
//	a total difficulty below the stated one                                 a breach
//	no headers in time; at most two bodies or receipts not in time          the peer is of no use
//	three ranges of another chain                                           the peer is of no use
//	the master has no headers, or none in common with us                    the peer is of no use
//	an empty reply                                                          the peer lacks these blocks
//
// # Limits
//
//	peers                            as p2p/server admits; one request of each kind in flight per peer
//	waits for a reply                6 to 60 s: 3 round trips (2 to 20 s) by the confidence in their estimate
//	headers held, forwards           128 ranges of 192
//	headers held, backwards          32 ranges of 512
//	items in one request             512 headers (192 up to eth/65), 128 bodies, 256 receipts, 128 access lists
//	blocks whose data is wanted      2,048 of each kind
//	access lists looked for          of the last 8,192 blocks
//	blocks that a peer lacks         4,096 of each kind, the oldest forgotten
//	receipts of a block, in part     as many bytes as its gas pays for
//	believed heads that wait         1, the last one
package chainsync
