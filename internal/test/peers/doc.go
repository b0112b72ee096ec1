// SPDX-License-Identifier: Apache-2.0

// Package peers has the fake peers of tests, and the node in memory that they talk to. They speak
// through the real p2p and eth, in a bubble of testing/synctest; only a [Raw] needs no bubble.
//
// A [Node] is the node under test, with its roles. A [Peer] is one side of a dialogue, in which the
// test expects each message:
//
//	node := peers.NewNode(t, chain, role)
//	a := node.Join("a", 68)
//	a.Send(&wire.GetBlockBodies{ID: 1})
//	a.Want(wire.KindBlockBodies, []byte{0xc2, 0x01, 0xc0})
//
// Many peers of one node are each a [Remote], which keeps the rules, or a bare [Conn], which says
// anything:
//
//	node := peers.Start(t, eth.Config{Chain: chain, Roles: roles})
//	conn := node.Attach("a", 68) // Hellos are exchanged
//	remote := peers.NewRemote(conn, pool, nil)
//	go remote.Serve()            // answers pings and requests
//	remote.Greet()               // Status
//	remote.Tell(wire.KindTransactions, payload)
//
// A [Raw] is a remote at the level of bytes, for the tests of what comes before eth:
//
//	r := &peers.Raw{Stream: stream, Key: key}
//	r.Accept(deadline) // RLPx
//	r.Greet(deadline, "client", peers.Eth(68)...)
//	r.Say(peers.CodeDisconnect, []byte{0xc1, 0x04})
//
// A [World] is many nodes that a node discovers and dials:
//
//	world := peers.NewWorld(chain)
//	world.Add(200, peers.Group{Fork: ours})
//	world.Add(1800, peers.Group{Fork: theirs})
//	world.Meet() // each node knows some of the others
//	world.Run(ctx)
//
// For tests only. Tests inside package p2p or eth cannot import it: it imports them.
package peers
