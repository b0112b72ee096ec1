// SPDX-License-Identifier: Apache-2.0

// Package head works out which block is the head of the chain from what peers say.
//
// In: which block each peer says is its latest, the headers that peers send, and time. Out: the
// [Head], and requests for headers ([Ask]) that are needed to know it. Nothing here is proof:
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
// A peer supports its latest block whose header we hold, and that block's nearest Depth ancestors. The
// head is the best block that has the support of half of the weight of all peers that say anything
// comparable, if no block of another branch has more. A peer that is more than Depth blocks behind is
// not comparable, except with a jump: a block that shares no held ancestor with the head. A peer whose
// latest block is not held supports only the one that it said before, and counts by its number. See
// [Tracker].
//
// A peer that we dialled weighs one. Peers that dialled us are cheaper to make, so those
// of one network weigh one together, and all of them less than those that we dialled.
//
// The total difficulty that a peer claims (devp2p/caps/eth.md#status-0x00) counts nowhere: blocks are
// compared by what follows from a held ancestor of both. A header whose time is ahead of our clock, or
// whose number is above the seconds since the genesis block or the parent, is not held.
//
// # Asking
//
// From eth/69 on peers do not gossip blocks (EIP-3675 took block gossip out, EIP-7642 made it
// official) and send a BlockRangeUpdate only now and then (devp2p/caps/eth.md#blockrangeupdate-0x11).
// So peers are asked for headers, in turn: a peer first after FirstAsk, or when it says something
// that we don't know; then after 2 s, and after twice the time whenever it has nothing new, up to
// 8 s, or 64 s if it is behind the head. A peer that gossips is not asked. When a block is better than
// the head and lacks support, all peers are asked once within about 2 s, at most every 4 s.
//
// # Sources
//
// Peers are one source of heads; a consensus client, a light client and the operator are others. Each names a
// [Believed] block; a [Selector] chooses among them, in a stated precedence, tells when one falls silent and when
// two disagree. A [Choice] is the operator's: which sources count. Package chain/head/sources runs them.
//
// # Limits
//
//	blocks compared of a source  64
//	headers held               as NewPeers is told; the oldest of the peer that gave the most makes
//	                           room, the head and its nearest ancestors last
//	latest blocks              one per peer
//	Depth                      64 blocks
//	requests in flight        one per peer
//	headers in one request    64
package head
