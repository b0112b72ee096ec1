// SPDX-License-Identifier: Apache-2.0

// Package v4 finds nodes with version 4 of the node discovery protocol
// (https://github.com/ethereum/devp2p/blob/master/discv4.md): it sends requests to other nodes, keeps a table of
// them, and responds to their requests.
//
// In: datagrams, through Node.Deliver, and requests of the caller. Out: datagrams, to a Conn, and
// what was learned, to the functions of the Config.
//
//	n, err := v4.New(v4.Config{Key: key, Conn: socket, Self: self.Record, Bootnodes: nodes})
//	go n.Run(ctx)
//	… n.Deliver(from, datagram) …       // by the socket's reader
//	node, ok := n.Next(ctx)             // one after the other, with their records
//
// # Ownership
//
// The machine holds the endpoints, the pending requests, the table and the random walk. It takes the time
// and the arrived messages as arguments, and sends through a function. The loop owns the machine, and has one
// goroutine and one timer. Only the loop signs packets and recovers signers.
//
// # Endpoint proof
//
// A pong proves an endpoint for 24 h (devp2p/discv4.md#endpoint-proof) if it names the hash of our ping and comes
// from the node ID and the IP address that were pinged. A node without a proof gets only a pong and, for
// its ping, one ping. The protocol demands both, so a forged source address receives more bytes than were sent in its name:
//
//	packet without a proof       bytes        bytes in response           factor
//	smallest possible Ping       113          300 (IPv4), 326 (IPv6)      2.7, 2.9
//	Ping of a deployed client    134, 159     303 (IPv4), 328 (IPv6)      2.3, 2.1
//	the next such Pings          likewise     a Pong, about half of that
//	all other packets            any          0                           0
//
// A response without a pending request has no effect, and its signer is not recovered.
//
// Requests from a proven endpoint are answered unverified: see unverified.go.
//
// A node that has not pinged us in the last 24 h, or has failed to respond more than 5 times in a row, is
// pinged before a request. After its pong, the request waits for the node's own ping, or half a second,
// because the node ignores requests until it has our pong.
//
// # Limits
//
//	datagrams in the inbox        256; the next is dropped and counted ("v4.inbox")
//	                              of one IPv4 /24 or IPv6 /64 at most 96, of one /16 or /32 at most 160
//	endpoints                     8,192; the least recently used is forgotten
//	pending requests              1,024, of which pings to nodes that pinged us 256; the next fails
//	a request                     500 ms; a Findnode ends with 16 nodes, valid or not
//	active lookups                8; others wait, up to 64, beyond which Lookup returns ErrBusy
//	nodes found by the walk       256; the next is dropped and counted ("v4.walk")
//	records of found nodes        4,096; the oldest is forgotten. A record is requested again after
//	                              10 minutes; 16 at a time
//	nodes ready for Next          32
//	table                         see package kad
//
// Datagrams that the socket refuses are counted as "v4.send".
package v4
