// SPDX-License-Identifier: Apache-2.0

// Package blockgossip hears of blocks: whole ones, announced ones, which it fetches, and,
// where nobody gossips blocks, the ones that it asks for. It follows the head.
//
// In: NewBlock, NewBlockHashes, BlockRangeUpdate and the replies to what it asks, as a
// role of eth's sessions. Out: an [event.Block] for each new block, an [event.Head] when
// the head changes, the transactions of each new block, and violations, which end a
// session.
//
// Up to eth/68 peers gossip (devp2p/caps/eth.md#block-propagation); from eth/69 on they
// only say now and then which blocks they have, and one of them is asked every 2 s for
// what comes after the head. A peer that could gossip is asked, too, until somebody does:
// after the merge nobody does, whatever the version (EIP-3675).
//
// What a header shows is checked, and that a body is the one that its header names. Work,
// seals and state are not: a block is what a peer says, and the head is what enough peers
// say (package chain).
//
// A peer's reader decodes what it sends and computes the roots of bodies. The loop
// ([Gossip.Run]) owns the machine (machine.go) and records the events.
//
// # Limits
//
//	headers remembered                1,024; the oldest make room
//	announced, not yet here           256 per peer, 2,048 in all; the first are kept
//	announced at what distance        7 below to 32 above the head; others are ignored
//	bodies to be fetched              256; further blocks are told by their header alone
//	headers in one request            64; one request per peer
//	bodies in one request             32; one request per peer
//	waiting for the loop, per peer    256 KiB, or one message; then its reader waits
//
// What is dropped is counted and recorded as [event.Loss] at most once a second, in the
// places "blockgossip.announced" (block hashes over the bounds), "blockgossip.bodies"
// (blocks whose body nobody gave, told by their header alone) and "blockgossip.jumps" (how
// often the head moved on by more than 64 blocks, and those between were not asked for).
package blockgossip
