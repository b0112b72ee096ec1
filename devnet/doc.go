// SPDX-License-Identifier: Apache-2.0

// Package devnet is an Ethereum network inside one process, for trials without the Internet and for
// tests that need a whole network.
//
// Its peers connect to each other over real TCP on the loopback interface, and accept any other
// peer. In: nothing but time. Out: what peers send: transactions, blocks, announcements, answers.
//
//	network, err := devnet.New(devnet.Config{})
//	go network.Run(ctx, func() { close(ready) })
//	<-ready
//	// connect to network.Nodes(), on network.Chain()
//
// A peer has the parts of a node (peer.go): p2p/server, eth, and the roles that serve requests, gossip blocks and download
// the chain, around a chain.Chain in memory. Peers learn from each other over the wire and in no other way. They differ in
// the versions that they offer, so that each version can be tried, and what belongs to it: bare announcements in old ones,
// block ranges in new ones. Transactions are the one thing that no role of a node passes on; the peers do that
// themselves (txs.go, wants.go, pool.go).
//
// A loop signs a few transactions of types 0, 1, 2 and 4 each second, and gives each to one peer,
// chosen at random. The first peer seals a clique block once in a period (EIP-225): its own chain checks it as it does the
// blocks of others, and its block gossip passes it on. New transactions are sent whole to the square root of the peers
// that do not know them; the other peers get their hashes. Peers accept transactions from every peer, so that yours are
// sealed, too, if their nonces begin with 0 and leave no gap.
//
// # What is real, and what is not
//
// Blocks are sealed, not executed. Real are seals and signatures, the order of nonces,
// links, difficulty, base fee, the roots of transactions and the hash of uncles.
// Placeholders are:
//
//   - the state root, which stays the genesis block's;
//   - receipts, each of which says: success, 21,000 gas, no logs. Gas used and receipt root
//     of a block are those of these receipts, so that a peer that checks what it fetches
//     finds it coherent;
//   - balances, which are not checked;
//   - the rules for types: type 4 came with Prague, which no clique chain ever had. It is
//     there to show every type. Type 3 is not there: blobs would be most of the traffic.
//
// # Limits
//
//	peers                        5 by default, at most 16; each takes 50 connections
//	transactions signed          5 in a second by default, at most 100
//	blocks that a peer keeps     1,024 (chain.DefaultInMemory); older ones cannot be had
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
// The loop (loop.go) owns the wallet and the sealer. A peer's pool of transactions is a leaf behind a mutex, which the
// readers of its sessions share; its chain has a mutex of its own. Goroutines: the loop, and those of the servers and roles.
package devnet
