// SPDX-License-Identifier: Apache-2.0

// Package devnet is an Ethereum network inside of one process: some peers that connect to
// each other, and to anybody, over real TCP on the loopback interface. It is for trying
// things out with no internet, and for tests that want a whole network.
//
// In: nothing but time. Out: what peers send: transactions, blocks, announcements, answers.
//
//	network, err := devnet.New(devnet.Config{})
//	go network.Run(ctx, func() { close(ready) })
//	<-ready
//	// connect to network.Nodes(), on network.Chain()
//
// Each peer is built as a node is: p2p/server, eth, and a role (peer.go), with RLPx, Hello
// and Status. What one knows, another one learns over the wire and nowhere else. They
// differ in the versions that they offer, so that each version can be tried, and what
// belongs to it: block gossip and bare announcements on old ones, block ranges on new ones.
//
// A loop signs transactions of types 0, 1, 2 and 4, a few each second, and hands each to
// some peer. The first peer seals a clique block once in a period (EIP-225). New
// transactions and blocks go to the square root of those peers that do not know them; the
// others hear their hashes. A peer takes transactions from anybody, so that those that you
// send get into blocks, too, if their nonces begin with 0 and leave no gap.
//
// # What is real, and what is not
//
// Blocks are sealed, not executed. Real are seals and signatures, the order of nonces,
// links, difficulty, base fee, the roots of transactions and the hash of uncles.
// Placeholders are:
//
//   - the state root, which stays the genesis block's;
//   - receipts, each of which says: success, 21,000 gas, no logs. Gas used and receipt root
//     of a block are those of these receipts, so that whoever checks what it fetches
//     finds it coherent;
//   - balances, which nobody looks at;
//   - the rules for types: type 4 came with Prague, which no clique chain ever saw. It is
//     there because every type is to be seen. Type 3 is not: blobs would be most of the
//     traffic.
//
// # Limits
//
//	peers                        5 by default, at most 16; each takes 50 connections
//	transactions signed          5 in a second by default, at most 100
//	blocks that a peer keeps     512, and the genesis block; older ones cannot be had
//	transactions likewise        4,096, in blocks or not; the oldest make room
//	wanted of one session        1,024 announced transactions, 256 in a request
//	senders                      4,096; transactions of further ones are never sealed
//	a block                      30,000,000 gas
//
// What a session's queues hold is bounded by eth; what they drop is not reported: these
// peers are the other side.
//
// # Owners
//
// The loop (loop.go) owns the wallet and the sealer. A peer's [ledger] is a leaf behind one
// mutex, which its sessions' readers share. Goroutines: the loop, and those of the servers.
package devnet
