// SPDX-License-Identifier: Apache-2.0

// Package v5 finds nodes with version 5.1 of the node discovery protocol
// (https://github.com/ethereum/devp2p/blob/master/discv5/discv5.md): it sends requests to other nodes, keeps a table of
// them, responds to their requests, and carries requests of other protocols.
//
//	n, err := v5.New(v5.Config{Key: key, Conn: conn, Self: local.Record, Bootnodes: nodes})
//	go n.Run(ctx)
//	for { // one goroutine reads the socket
//		size, from, err := conn.ReadFromUDPAddrPort(b)
//		n.Deliver(from, b[:size]) // false: a datagram of another protocol
//	}
//	…
//	node, ok := n.Next(ctx) // a random walk
//
// In: datagrams, requests from any goroutine, the time, randomness. Out: datagrams, responses,
// and what was learned, through the functions of [Config]. One loop, [Node.Run], owns all state and
// has one timer. It drives a machine, which decides, and has neither clock nor socket. Nothing
// is sent before Run and nothing after it.
//
// # Sessions
//
// A message has an effect only if the session keys of its node ID and address decrypt it
// (devp2p/discv5/discv5-theory.md#sessions). Any other message packet is answered with WHOAREYOU, which is never
// longer than the packet: 63 bytes for 71 or more. All else from an address without a session gets no response. A response has an effect only if it comes from the node and the address
// that the request went to. A node that completes a handshake is offered to the table if its record
// states the address that the handshake came from; the record's signature is verified when the node becomes an
// entry.
//
// A node in a NODES response is used if its record is signed, its distance was requested, it
// is no duplicate, and the responder may relay its address ([kad.Rules]). NODES responses of our own contain only nodes
// that have passed a check.
//
// # Limits
//
//	inbox              256 datagrams; the next is dropped ("v5.inbox")
//	                   of one IPv4 /24 or IPv6 /64 at most 96, of one /16 or /32 at most 160
//	sessions           1,024; the least recently used is dropped
//	challenges sent    4,096, for a second and four failed handshakes each; the oldest is dropped
//	requests           one pending for each node, for 700 ms; a Findnode for 700 ms after each of
//	                   at most 5 Nodes, of which 16 records are read
//	  of callers       1,024 in all, 16 for each node: ErrBusy beyond
//	  of the table     one for each entry, and three for each lookup
//	lookups            128 requests each; 8 active, 64 more wait, and 16 for the end of
//	                   a refresh if the table is empty; ErrBusy beyond
//	walk               256 nodes wait for Next; the next is dropped ("v5.walk"). A node is returned
//	                   again after half a minute, or after 4,096 others
//	table              see [kad]
//	records            2,048 by hash, with verified signatures, and 2,048 by node
//
// Handlers of TALKREQ run on the loop: one runs at a time, and later requests wait in the
// inbox. Datagrams that the socket refuses are counted as "v5.send", responses of handlers that
// do not fit into a datagram as "v5.talk".
package v5
