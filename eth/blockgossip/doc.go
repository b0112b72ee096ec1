// SPDX-License-Identifier: Apache-2.0

// Package blockgossip receives blocks from peers, passes them on, and follows the head of the chain.
//
// In: NewBlock, NewBlockHashes, BlockRangeUpdate and the replies to its requests, as a
// role of eth's sessions; blocks of our own ([Gossip.Mined]). Out: an [event.Block] for each new block, heads to
// believe ([Config.Believe]), the transactions of each new block, blocks in the chain that is held ([Config.Chain]),
// NewBlock, NewBlockHashes and BlockRangeUpdate, and violations, which end a session.
//
// Where there is no consensus layer, peers send and announce new blocks
// (devp2p/caps/eth.md#block-propagation), at any version of eth. After the merge none does
// (EIP-3675), and peers are asked for headers from time to time: package chain/head says when, and
// works out the head.
//
// What a header shows is checked, and that a body is the one that its header names, cheap checks first:
// the header, its distance from the head, its gas limit beside the head's, the number of
// transactions beside the gas used, and the roots last (listener.go). Without a chain, work, seals and state are not
// checked: a block is what a peer says, and the head is what most peers
// say. A reply that is not to the request, or a block that contradicts its parent, ends the session;
// what is merely useless is skipped and counted. A session with a peer that gives headers, and twice in
// a row not a body for one, is ended: it has nothing for us.
//
// # With a chain
//
// A whole block is imported on its sender's reader (importer.go): header and seal are checked against the
// held parent, the block goes whole to the square root of the peers that lack it, header and body are stored, and
// the hash goes to the other peers (relay.go). A block whose parent or whose time has not come waits (waiting.go);
// the importer's goroutine imports it later, and tells peers and [Config.Believe] of the chain's head
// (loop_chain.go). After the merge a head is believed if a quorum of unrelated peers has it (believer.go).
//
// A peer's reader decodes its messages and computes the roots of bodies (listener.go). The loop owns
// three machines that know nothing of each other: which block is the head (chain/head), which
// announced headers to fetch from which peer (announce.go, over eth/fetch), and which bodies
// (bodies.go). A block passes through them in this order (machine.go). What is new is told once the
// letters of a turn are handled, and the head is worked out once for all of them.
//
// # Limits
//
//	headers remembered                1,024; the oldest of the peer that gave the most makes room
//	announced, not yet here           256 per peer, 2,048 in all: beyond that at the cost of the
//	                                  peer with the most
//	announced at what distance        7 below to 32 above the head; others are ignored
//	bodies to be fetched              64 per peer, 256 in all; the oldest of the peer that has
//	                                  most is told by its header alone
//	headers in one request            64; one request per peer and purpose
//	bodies in one request             32; one request per peer
//	forks                             64 of one peer at a time, and 4 more each second
//	transactions in a block           gas used / 21,000: see chain.MaxTxs
//	waiting for the loop, per peer    256 KiB, or one message; then its reader waits
//	waiting for parent or time        64 blocks and 8 MiB of one peer, 256 and 32 MiB in all, a minute; the newest
//	                                  is dropped
//	imported beside the head          64 blocks of one peer at a time, and 4 more each second
//	blocks remembered as passed on    1,024; the oldest are forgotten
//	headers kept as they came         1,024 of up to 8 KiB; the oldest are forgotten
//
// What is dropped is counted and recorded as [event.Loss] at most once a second, in the
// places "blockgossip.announced" (block hashes over the bounds), "blockgossip.bodies"
// (blocks that were told by their header alone), "blockgossip.jumps" (how
// often the head moved on by more than 64 blocks, and those between were not asked for),
// "blockgossip.future" (headers whose time is more than 15 s ahead of our clock),
// "blockgossip.pace" (headers whose number is above the seconds since the genesis block or the parent),
// "blockgossip.forks" (blocks that were not told, because the peer gave too many forks),
// "blockgossip.sides", "blockgossip.waiting", "blockgossip.ahead" and "blockgossip.unchecked" (whole blocks that were
// not imported: too many beside the head, no room to wait, too far in the future, and not to be told),
// "blockgossip.mismatched" (whole blocks whose body is not the one that the header names) and
// "blockgossip.unexpected" (up to eth/65, replies that are not to the request).
package blockgossip
