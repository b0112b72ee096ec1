// SPDX-License-Identifier: Apache-2.0

// Package head works out which block is the head of the chain from what peers say.
//
// In: which block each peer says is its latest, the headers that peers send, and time. Out: the
// [Head], and questions for headers ([Ask]) that are needed to know it. Nothing here is proof:
// work, seals and state are not checked, and after the merge (EIP-3675) a header does not say
// whether it is canonical.
//
// [Peers] is the machine: a peer joins, says something, answers, leaves; Next returns what to ask
// now. It uses a [Tracker], which alone decides which block is the head, and a [Recent], which
// holds the headers. None of them has a clock or a goroutine of its own, and each belongs to one
// goroutine.
//
// # The head
//
// A peer supports the latest block that it said and whose header we hold, and that block's nearest
// Depth ancestors. A block can be the head if the peers that support it have half of the weight of
// all peers, or the weight of the quorum, whichever is less, and if no block of another branch has
// more. The best of these is the head: see [Tracker].
//
// A peer that we dialled has weight 1. Peers that dialled us are cheaper to make, so those
// of one network have weight 1 together, and all of them at most as much as those that we dialled.
//
// # Asking
//
// From eth/69 on peers do not gossip blocks (EIP-3675 took block gossip out, EIP-7642 made it
// official) and send a BlockRangeUpdate only now and then (devp2p/caps/eth.md#blockrangeupdate-0x11).
// So peers are asked for headers, in turn: a peer first after FirstAsk, or when it says something
// that we don't know; then after 2 s, and after twice the time whenever it has nothing new, up to
// 8 s, or 64 s if it is behind the head. Peers that gossip are not asked.
//
// # Limits
//
//	headers held               as NewPeers is told; the oldest make room
//	latest blocks              one per peer
//	Depth                      64 blocks
//	questions in flight        one per peer
//	headers in one question    64
package head
