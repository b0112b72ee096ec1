// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"time"
)

// A Transport carries messages between two peers: an RLPx connection ([Conn]), or one
// end of a [Pipe]. A remote peer and a local one look the same to everything above.
type Transport interface {
	// Read returns the next message. The payload is borrowed until Release. Only
	// the reader calls Read and Release.
	Read(deadline time.Time) (code uint64, payload []byte, err error)
	// Release says that the last payload is no longer needed. The next Read says so, too.
	Release()
	// Queue takes a message to send. It copies or encodes what m refers to. Only the
	// writer calls Queue, Queued and Flush.
	Queue(m *Out) error
	// Queued is how many bytes wait for Flush.
	Queued() int
	// Flush sends what was queued.
	Flush(deadline time.Time) error
	// Limit sets what Read refuses from its next call on. The zero Limits refuse nothing that the
	// transport can carry. Only the reader calls it, and the owner before the reader starts.
	Limit(l Limits)
	// SetSnappy turns compression on or off for both directions, between the Hellos and
	// the first other message.
	SetSnappy(on bool)
	// ExpireWrites gives a Flush that is under way, and all later ones, no longer than until t.
	// Any goroutine may call it.
	ExpireWrites(t time.Time)
	// Close ends the connection at once. Any goroutine may call it, repeatedly.
	Close() error
}

// Limits are what a [Transport] refuses to read. A refusal is the error of Read. It comes before
// memory is taken for the message, where the transport takes any: a [Pipe] does not, and refuses
// nothing.
type Limits struct {
	Payload int    // largest payload of a message, bytes; 0 = what the transport can carry
	Reason  Reason // of the [Violation] that a larger one is
	Silent  bool   // of that Violation

	// Admit refuses messages by their code and the size of their payload. Nil = none.
	Admit func(code uint64, size int) error

	// Budget pays for what the transport holds, from now on. Nil = no change.
	Budget *Budget
}
