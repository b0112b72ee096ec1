// SPDX-License-Identifier: Apache-2.0

// Package v4 is a node of discovery v4 (https://github.com/ethereum/devp2p/blob/master/discv4.md):
// it answers who asks, keeps a table of nodes, and finds more.
//
// In: datagrams, through Node.Deliver, and questions of our own. Out: datagrams to a Conn, and
// what was learned, to the functions of the Config.
//
//	n, err := v4.New(v4.Config{Key: key, Conn: socket, Self: self.Record, Bootnodes: nodes})
//	go n.Run(ctx)
//	… n.Deliver(from, datagram) …       // by the socket's reader
//	node, ok := n.Next(ctx)             // one after the other, with their records
//
// # Who decides what
//
// The machine knows endpoints, questions under way, the table and the walk; it takes the time
// and what arrived, and sends through a function. The loop owns it, and has one goroutine and
// one timer. Signatures are made and checked there, nowhere else.
//
// # What is believed
//
// An endpoint is proven for 24 h by a pong that names the hash of our ping, from the ID and the
// IP address that were asked. Who has not proven its endpoint gets no more than a pong and, as
// it pings, one ping: nothing larger than what it sent. An answer that nobody asked for has no
// effect, and costs no signature check.
//
// Requests from an address that is proven are answered unverified: see unverified.go.
//
// Before a question goes to a node that has not pinged us in the last 24 h, or has failed to
// answer more than 5 times, it is pinged; when it has answered, the question waits for its ping, or
// half a second, because until it has our pong it would not answer the question.
//
// # Limits
//
//	datagrams that wait           256; the next is dropped and counted ("v4.inbox")
//	endpoints                     8,192, least recently used forgotten
//	questions under way           1,024, of which pings to strangers who ping us 256; the next fails
//	a question                    500 ms; a Findnode ends with 16 nodes, valid or not
//	lookups under way             8; others wait, up to 64, beyond which Lookup is ErrBusy
//	nodes that the walk found     256; the next is dropped and counted ("v4.walk")
//	records of found nodes        4,096, oldest forgotten, asked for again after 10 minutes; 16
//	                              at a time
//	nodes ready for Next          32
//	table                         see package kad
//
// Datagrams that the socket refuses are counted as "v4.send".
package v4
