// SPDX-License-Identifier: Apache-2.0

// Package v5 is the engine of node discovery version 5.1: it finds nodes, answers those that
// look for us, and carries requests of other protocols
// (https://github.com/ethereum/devp2p/blob/master/discv5/discv5.md).
//
//	n, err := v5.New(v5.Config{Key: key, Conn: conn, Self: local.Record, Bootnodes: nodes})
//	go n.Run(ctx)
//	for { // one goroutine reads the socket
//		size, from, err := conn.ReadFromUDPAddrPort(b)
//		n.Deliver(from, b[:size]) // false: a datagram of another protocol
//	}
//	…
//	node, ok := n.Next(ctx) // a walk at random
//
// In: datagrams, questions from any goroutine, the time, randomness. Out: datagrams, answers,
// and what is learned, by the functions of [Config]. One loop, [Node.Run], owns all state and
// has one timer; the machine that it drives decides, and has neither clock nor socket. Nothing
// is sent before Run and nothing after it.
//
// # Who is believed
//
// A message counts if it was opened with the keys of a session with that node at that
// address; anything else is answered with WHOAREYOU, which is no longer than what it answers.
// An answer counts if it comes from whom it was asked for, from there. A node that completes
// a handshake is offered to the table if its record says that it is where it was heard; the record's
// own signature is verified when the node becomes an entry. Of
// the nodes that an answer tells of, those count whose record is signed, that are at a
// distance that was asked for, once, and that the one who tells may tell of
// ([kad.Rules]). Only nodes that answered a check are told to others.
//
// # Limits
//
//	inbox              256 datagrams; what comes beyond is dropped ("v5.inbox")
//	sessions           1,024; the longest unused makes room
//	challenges sent    4,096, for a second each; the oldest makes room
//	calls              one at a time with a node, for 700 ms; a Findnode for 700 ms after each of
//	                   at most 5 Nodes, of which 16 records are looked at
//	  of others        1,024 in all, 16 with a node: ErrBusy beyond
//	  of our own       one for each entry of the table, and three for each lookup
//	lookups            128 questions each; 8 at once, others wait, up to 64, and 16 for the end of
//	                   a refresh if we know nobody; ErrBusy beyond
//	walk               256 nodes wait for Next; beyond they are dropped ("v5.walk"). A node comes
//	                   again after half a minute, or when 4,096 others came after it
//	table              see [kad]
//	records            2,048 by hash, whose signatures need no second check, and 2,048 by node
//
// Handlers of TALKREQ run on the loop, so that one is active at a time and none wait but in the
// inbox. Datagrams that the socket refuses are counted as "v5.send", answers of handlers that
// are too long for a datagram as "v5.talk".
package v5
