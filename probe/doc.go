// SPDX-License-Identifier: Apache-2.0

// Package probe connects to a node, reads its Hello and its Status, and disconnects
// (https://github.com/ethereum/devp2p/blob/master/rlpx.md).
//
// In: a node with its key and TCP address. Out: an [Answer]: how far it let us come, its
// Hello, its Status if it speaks eth, how long each stage took, and the reason if it sent us
// away.
//
//	answer := probe.Ask(ctx, probe.Config{Key: key, Client: "me/v1"}, node)
//	if answer.Reachable() { … }
//
// We dial, shake hands (RLPx), exchange Hellos in which we offer every version of eth that
// we can read, hear the node's Status, and leave with "disconnect requested".
//
// # Our own Status is never sent
//
// Both sides send their Status as soon as the Hellos have agreed on eth; neither waits for
// the other's. So theirs can be had without ours, and on any chain: one of ours would have to
// name their chain before we know it, and would make us a peer that has nothing to offer.
//
// # What is an answer
//
// A node that says "too many peers", that speaks no eth, or none that we know, has answered:
// [Answer.Err] is nil. An error is a timeout, an address where no node or
// another node listens, or a broken rule.
//
// # Limits
//
//	time       5 s for each of the four stages, unless the caller says otherwise, and 1 s
//	           for our goodbye
//	a Hello    2048 bytes, 64 capabilities, names of 128 printable characters; see p2p
//	a Status   1024 bytes; nothing larger is read, and nothing beyond it is accepted
//
// Ask owns all state. Its goroutines are those of one p2p.Peer, which have ended when it
// returns.
package probe
