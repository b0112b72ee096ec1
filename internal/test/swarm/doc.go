// SPDX-License-Identifier: Apache-2.0

// Package swarm plays very many peers of one node, honest and hostile, in a bubble of
// testing/synctest. The node has the roles of package ethpeer, put together in the same
// way; each peer is the other end of an in-memory pipe, below the code of p2p and eth.
//
//	node, err := swarm.Start(chain, record)
//	conn := node.Attach("a", 68)  // Hellos are exchanged
//	remote := swarm.NewRemote(conn, chain, pool)
//	go remote.Serve()             // answers pings, and what it is asked
//	remote.Greet()
//	remote.Tell(wire.KindTransactions, payload)
//	node.Stop()
//
// A [Conn] says what its owner wants, however wrong; a [Remote] keeps the rules. Package
// peers is for dialogues with a few peers, where each message is expected.
//
// For tests only.
package swarm
