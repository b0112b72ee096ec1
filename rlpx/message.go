// SPDX-License-Identifier: Apache-2.0

package rlpx

// MaxSize is the most bytes that a payload has before compression, and that a frame's body has:
// the largest number of three bytes (devp2p/rlpx.md#framing).
const MaxSize = 1<<24 - 1

// A Message is a message to send: a code, and a payload that is Raw followed by the Chunks. Both
// may be empty. Sealing borrows Raw, which must not share memory with the output buffer.
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

// AppendPayload appends the uncompressed payload.
func (m Message) AppendPayload(dst []byte) []byte {
	dst = append(dst, m.Raw...)
	for _, c := range m.Chunks {
		dst = append(dst, c.plain...)
	}
	return dst
}
