// SPDX-License-Identifier: Apache-2.0

// Package v5wire turns datagrams into messages of the node discovery protocol, version
// 5.1, and back, and keeps the sessions that they are encrypted with
// (https://github.com/ethereum/devp2p/blob/master/discv5/discv5-wire.md).
//
//	IV (16) ‖ mask(static header (23) ‖ authdata) ‖ encrypted message
//
//	1  Ping      [id, enr-seq]               2  Pong      [id, enr-seq, ip, port]
//	3  Findnode  [id, [distance, …]]         4  Nodes     [id, total, [record, …]]
//	5  TalkReq   [id, protocol, data]        6  TalkResp  [id, data]
//
// A [Codec] belongs to one node and to one goroutine. In: datagrams, which are only read,
// messages, and the time; randomness is what [NewCodec] got. Out: messages, and datagrams
// appended to the caller's slice. It reads no clock and owns no socket.
//
// # A session begins
//
//	A: AppendMessage    no keys, so the packet is of random bytes; A remembers its nonce
//	B: Decode           neither Message nor Challenge: unreadable
//	B: AppendWhoareyou  names the nonce
//	A: Decode           Challenge; its nonce tells which request it is about
//	A: AppendHandshake  the same request again, encrypted, with a proof of who A is
//	B: Decode           Message and Record: B has a session with A
//	B: AppendMessage    the answer; A has a session with B since AppendHandshake
//
// A session is tied to the node ID and the address. It remembers the keys of the session
// before it to read with, so that nothing is lost when both sides start one at a time.
//
// # Limits
//
// A datagram has 63 to [MaxSize] bytes. There are at most [MaxSessions] sessions, of which
// the longest unused makes room, and at most [MaxChallenges] challenges sent, of which the
// oldest does. A challenge is good for [ChallengeLifetime] and until its handshake was
// completed, so that no handshake can be replayed; meanwhile whatever else cannot be read
// from that node is answered with the same bytes, so that its first packet and its second
// lead to one session. [MaxFailures] failed handshakes end it. Bounds of messages are with their types.
//
// # Errors
//
// Every error matches exactly one of the Err variables with errors.Is, or is an
// [*rlp.Error] that says where in the message the problem is, or is the random source's.
// What was received with an error is dropped in silence and has changed nothing.
package v5wire
