// SPDX-License-Identifier: Apache-2.0

package v5wire

import (
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/ethpeer/ethpeer/rlp"
)

// A Kind says what a message is (devp2p/discv5/discv5-wire.md#protocol-messages).
type Kind byte

// The kinds.
const (
	KindPing Kind = iota + 1
	KindPong
	KindFindnode
	KindNodes
	KindTalkReq
	KindTalkResp
)

var kindNames = [...]string{
	KindPing: "Ping", KindPong: "Pong", KindFindnode: "Findnode", KindNodes: "Nodes",
	KindTalkReq: "TalkReq", KindTalkResp: "TalkResp",
}

// String names the kind.
func (k Kind) String() string {
	if k == 0 || int(k) >= len(kindNames) {
		return "kind " + strconv.Itoa(int(k))
	}
	return kindNames[k]
}

// IsRequest reports whether messages of the kind ask for others.
func (k Kind) IsRequest() bool { return k == KindPing || k == KindFindnode || k == KindTalkReq }

// A Message is one of the six: a pointer to a [Ping], [Pong], [Findnode], [Nodes], [TalkReq] or
// [TalkResp].
type Message interface {
	Kind() Kind
	RequestID() RequestID
	append(dst []byte) []byte // the items of the list
	decode(c *rlp.Cursor)     // the items of the list that are known
}

// A RequestID is the 0 to 8 bytes by which a response names its request.
type RequestID struct {
	b    [8]byte
	size uint8
}

// RequestIDOf returns the request ID with these bytes, of which at most 8 are taken.
func RequestIDOf(b []byte) (id RequestID) {
	id.size = uint8(copy(id.b[:], b))
	return id
}

// String returns the bytes in hexadecimal.
func (id RequestID) String() string { return hex.EncodeToString(id.b[:id.size]) }

func (id *RequestID) append(dst []byte) []byte { return rlp.AppendBytes(dst, id.b[:id.size]) }

func (id *RequestID) decode(c *rlp.Cursor) { *id = RequestIDOf(c.BytesMax("id", len(id.b))) }

// messages is room for one message of each kind, which is used again and again.
type messages struct {
	ping     Ping
	pong     Pong
	findnode Findnode
	nodes    Nodes
	talkReq  TalkReq
	talkResp TalkResp
	cursor   rlp.Cursor // large; it would be allocated for each message
}

// empty returns an empty message of the kind, or nil if there is no such kind.
func (s *messages) empty(k Kind) Message {
	switch k {
	case KindPing:
		s.ping = Ping{}
		return &s.ping
	case KindPong:
		s.pong = Pong{}
		return &s.pong
	case KindFindnode:
		s.findnode = Findnode{Distances: s.findnode.Distances[:0]}
		return &s.findnode
	case KindNodes:
		s.nodes = Nodes{Records: s.nodes.Records[:0]}
		return &s.nodes
	case KindTalkReq:
		s.talkReq = TalkReq{}
		return &s.talkReq
	case KindTalkResp:
		s.talkResp = TalkResp{}
		return &s.talkResp
	}
	return nil
}

func appendMessage(dst []byte, m Message) []byte {
	dst, list := rlp.OpenList(append(dst, byte(m.Kind())))
	return rlp.CloseList(m.append(dst), list)
}

// decode reads a decrypted message, which the result borrows. Additional elements are for
// later versions and ignored, as EIP-8 asks elsewhere.
func (s *messages) decode(b []byte) (Message, error) {
	if len(b) == 0 {
		return nil, fmt.Errorf("%w: none", ErrType)
	}
	m := s.empty(Kind(b[0]))
	if m == nil {
		return nil, fmt.Errorf("%w %d", ErrType, b[0])
	}
	s.cursor = rlp.Read(b[1:])
	c := &s.cursor
	c.List(m.Kind().String())
	m.decode(c)
	c.EndOpen()
	if err := c.Done(); err != nil {
		return nil, err
	}
	return m, nil
}
