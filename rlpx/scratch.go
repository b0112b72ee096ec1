// SPDX-License-Identifier: Apache-2.0

package rlpx

const (
	// scratchKeep is how many bytes a quiet connection may hold on to.
	scratchKeep = 64 << 10

	// scratchLeast saves a new connection from growing in small steps.
	scratchLeast = 1 << 10

	// scratchPatience is how many small uses a large buffer outlives: few enough that the
	// pings of a minute end it, enough that it serves a busy exchange of large messages
	// and small ones.
	scratchPatience = 8
)

// scratch is memory that is used again and again, and given up when it is too large for
// what goes on.
type scratch struct {
	buf   []byte
	small int // how often in a row little was needed while buf was large
}

// take returns n bytes of any content, good until the next call.
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
