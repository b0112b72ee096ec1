// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"time"
)

// A Transport carries messages between two peers: an RLPx connection ([Conn]), or one end of a [Pipe]. Code
// above it sees no difference between a remote peer and a local one.
type Transport interface {
	// Read returns the next message. The payload is borrowed until Release. Only
	// the reader calls Read and Release.
	Read(deadline time.Time) (code uint64, payload []byte, err error)
	// Release gives the last payload back. The next Read does too.
	Release()
	// Queue takes a message to send. It copies or encodes what m refers to. Only the writer calls Queue,
	// Queued and Flush.
	Queue(m *Out) error
	// Queued returns how many bytes wait for Flush.
	Queued() int
	// Flush sends the queued messages.
	Flush(deadline time.Time) error
	// Limit sets what Read refuses from its next call on. The zero Limits refuse nothing that the transport
	// can carry. Only the reader calls Limit, or the owner before the reader starts.
	Limit(l Limits)
	// SetSnappy turns compression on or off for both directions, between the Hellos and
	// the first other message.
	SetSnappy(on bool)
	// ExpireWrites sets the latest end, t, of the Flush under way and all later ones. Any goroutine may call
	// it.
	ExpireWrites(t time.Time)
	// Close ends the connection at once. Any goroutine may call it, repeatedly.
	Close() error
}

// Limits are what a [Transport] refuses to read. Read returns the refusal as its error, before any memory is
// taken for the message. A [Pipe] takes no memory and refuses nothing.
type Limits struct {
	Payload int    // largest payload of a message, bytes; 0 = what the transport can carry
	Reason  Reason // of the [Violation] for a larger payload
	Silent  bool   // that Violation is silent

	// Admit refuses messages by their code and the size of their payload. Nil = all are admitted.
	Admit func(code uint64, size int) error

	// Budget is charged for the transport's buffers from now on. Nil = no change.
	Budget *Budget
}
