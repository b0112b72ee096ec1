// SPDX-License-Identifier: Apache-2.0

package v4wire

import (
	"strconv"

	"github.com/ethpeer/ethpeer/rlp"
)

// A Type says what a packet is (devp2p/discv4.md#wire-protocol).
type Type byte

// The types.
const (
	TypePing Type = iota + 1
	TypePong
	TypeFindnode
	TypeNeighbors
	TypeENRRequest
	TypeENRResponse
)

var typeNames = [...]string{
	TypePing: "Ping", TypePong: "Pong", TypeFindnode: "Findnode", TypeNeighbors: "Neighbors",
	TypeENRRequest: "ENRRequest", TypeENRResponse: "ENRResponse",
}

// String names the type.
func (t Type) String() string {
	if t == 0 || int(t) >= len(typeNames) {
		return "type " + strconv.Itoa(int(t))
	}
	return typeNames[t]
}

// A Message is one of the six: a pointer to a [Ping], [Pong], [Findnode], [Neighbors],
// [ENRRequest] or [ENRResponse].
type Message interface {
	Type() Type
	append(dst []byte) []byte // the items of the list
	decode(c *rlp.Cursor)     // the items of the list that are known
	expires() (at int64, ok bool)
}

func newMessage(t Type) Message {
	switch t {
	case TypePing:
		return new(Ping)
	case TypePong:
		return new(Pong)
	case TypeFindnode:
		return new(Findnode)
	case TypeNeighbors:
		return new(Neighbors)
	case TypeENRRequest:
		return new(ENRRequest)
	case TypeENRResponse:
		return new(ENRResponse)
	}
	return nil
}

// An expiration is a UNIX time in seconds, as a two's complement: a negative one is long
// over, however far in the future it looks without its sign.

func appendExpiration(dst []byte, at int64) []byte { return rlp.AppendUint64(dst, uint64(at)) }

func readExpiration(c *rlp.Cursor) int64 { return int64(c.Uint64("expiration")) }

// appendSeq appends enr-seq (EIP-868), unless there is none.
func appendSeq(dst []byte, seq uint64) []byte {
	if seq == 0 {
		return dst
	}
	return rlp.AppendUint64(dst, seq)
}

// readSeq reads enr-seq if there is one. A list in its place is what EIP-8 calls an
// additional element, and EIP-8's own vectors have one there.
func readSeq(c *rlp.Cursor) uint64 {
	if !c.More() || c.Kind("enr-seq") == rlp.List {
		return 0
	}
	return c.Uint64("enr-seq")
}
