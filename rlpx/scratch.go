// SPDX-License-Identifier: Apache-2.0

package rlpx

const (
	// scratchKeep is how many bytes a quiet connection keeps.
	scratchKeep = 64 << 10

	// scratchLeast is the smallest allocation, so that a new connection does not grow in small steps.
	scratchLeast = 1 << 10

	// scratchPatience is how many small uses a large buffer is kept for: few enough that the
	// pings of a minute free it, and enough for an exchange of large and small messages.
	scratchPatience = 8
)

// A scratch is memory that is used again and again, and freed after many uses that need much less.
type scratch struct {
	buf   []byte
	small int // uses in a row that needed little while buf was large
}

// take returns n bytes of any content, valid until the next call.
func (s *scratch) take(n int) []byte {
	if n > scratchKeep || cap(s.buf) <= scratchKeep {
		s.small = 0
	} else if s.small++; s.small > scratchPatience {
		s.buf, s.small = nil, 0
	}
	if n > cap(s.buf) {
		s.buf = make([]byte, max(n, scratchLeast))
	}
	return s.buf[:n]
}
