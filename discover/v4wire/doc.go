// SPDX-License-Identifier: Apache-2.0

// Package v4wire turns datagrams into packets of the node discovery protocol, version 4,
// and back (https://github.com/ethereum/devp2p/blob/master/discv4.md).
//
//	hash (32) ‖ signature (65) ‖ type (1) ‖ data, an RLP list
//
//	1  Ping         [version, from, to, expiration, enr-seq]   Pong answers, and a Ping if the sender is not known
//	2  Pong         [to, ping-hash, expiration, enr-seq]
//	3  Findnode     [target, expiration]                       Neighbors answers, several of them
//	4  Neighbors    [[[ip, udp, tcp, key], …], expiration]
//	5  ENRRequest   [expiration]                               ENRResponse answers
//	6  ENRResponse  [request-hash, record]
//
// In: datagrams, as slices that are only read. Out: messages, and datagrams appended to
// the caller's slice. Nothing here keeps state, reads a clock or owns a socket.
//
// Opening a datagram goes from the cheap to the dear, so that junk costs little: first its
// size and hash ([Open]), then its content ([Datagram.Message]), and last, after the caller
// had a look at the expiration ([Expired]), who signed it ([Datagram.Sender]). [Decode] does
// it all.
//
//	d, err := v4wire.Open(packet)       // not ours: try another protocol
//	m, err := d.Message()
//	if v4wire.Expired(m, now) { return }
//	key, err := d.Sender()
//
// Additional list elements, and what follows the list, are ignored, as is the version of a
// Ping (EIP-8). So that one odd neighbour does not cost the others, addresses that are
// neither IPv4 nor IPv6 read as the zero Addr, and keys are not checked before [Node.Node].
//
// # Limits
//
// A datagram has at most [MaxSize] bytes, and hence Neighbors at most 16 nodes; we send
// [MaxNeighbors]. A record has at most 300 bytes ([enr.MaxSize]). There is nothing else of
// variable size.
//
// # Errors
//
// Every error matches exactly one of the Err variables with errors.Is, or is an
// [*rlp.Error] that says where in the data the problem is. None asks for an answer: bad
// datagrams are dropped in silence.
package v4wire
