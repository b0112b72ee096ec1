// SPDX-License-Identifier: Apache-2.0

package rlpx

// MaxSize is the greatest size of a payload before compression, and of a frame's body: what
// three bytes can say.
const MaxSize = 1<<24 - 1

// A Message is what to send: a code, and a payload that is Raw followed by the Chunks. Both
// may be empty. Sealing borrows Raw, which must not share memory with the buffer out.
type Message struct {
	Code   uint64
	Raw    []byte
	Chunks []*Chunk
}

// Size returns the length of the payload in bytes, before compression.
func (m Message) Size() int {
	n := len(m.Raw)
	for _, c := range m.Chunks {
		n += len(c.plain)
	}
	return n
}

// AppendPayload appends the payload without compression: what the receiver will have.
func (m Message) AppendPayload(dst []byte) []byte {
	dst = append(dst, m.Raw...)
	for _, c := range m.Chunks {
		dst = append(dst, c.plain...)
	}
	return dst
}
