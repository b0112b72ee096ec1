// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/rlpx"
)

// A Protocol is a capability that two peers can speak beside the base protocol
// (devp2p/rlpx.md#capability-messaging).
type Protocol interface {
	// Name is the capability's name: 1 to 8 ASCII characters.
	Name() string
	// Versions lists the versions on offer. The highest that both sides offer is used.
	Versions() []Version
	// Open begins a session with a peer, on the owner, before any message is read. Lanes are registered there
	// and nowhere else ([Peer.Lane]).
	Open(p *Peer, v Version) (Handler, error)
}

// A Version of a protocol.
type Version struct {
	Number  uint
	Length  uint // number of message codes
	MaxSize int  // of a message's payload in bytes, refused before it is decompressed; 0 = what RLPx can carry
}

// maxSize is the greatest payload of a message.
func (v Version) maxSize() int {
	if v.MaxSize == 0 {
		return rlpx.MaxSize
	}
	return v.MaxSize
}

// A Handler is a protocol's session with one peer. Each method's comment names the
// goroutine that calls it.
type Handler interface {
	// Receive takes a message, on the reader. The code counts from the protocol's own
	// zero. The payload is borrowed until the step that Receive returns has run, or until
	// Receive returns none. An error ends the peer.
	Receive(code uint64, payload []byte) (Step, error)
	// Tick does the work that is due, on the owner, and returns when it wants to be called next. The zero
	// time means: not before something else happens.
	Tick(now time.Time) (next time.Time, err error)
	// Close is called once, on the owner, when reader and writer have ended.
	Close(cause error)
}

// A Step is work that a message leaves to the owner. The session owns its storage.
type Step interface{ Run(now time.Time) error }

// A Lane is a source of messages. The writer asks it for one when the socket can take more.
type Lane interface {
	// Next puts the next message into out, or reports that there is none. A message that can be split should
	// not exceed budget bytes. What out refers to must not change before the next call.
	Next(out *Out, budget int) bool
}

// A confirmer is a lane that waits until its messages are sent.
type confirmer interface {
	sent()             // writer
	refused(why error) // writer: the message fits no frame and was not queued
}

// Out is a message to send. Its code counts from the protocol's own zero. Each chunk is compressed at most
// once, however many peers it is sent to.
type Out = rlpx.Message

// A Priority orders the lanes of a peer: 0 goes first.
type Priority uint8

// A MessageEvent reports one protocol message that was sent or received. Messages of the base protocol have
// none.
type MessageEvent struct {
	Peer     enr.ID
	Protocol Cap
	Code     uint64 // counts from the protocol's own zero
	Size     int    // of the payload before compression, bytes
	Sent     bool   // true: the whole message was written to the connection; false: the protocol is about to receive it
}

// Priorities is the number of priorities.
const Priorities = 5
