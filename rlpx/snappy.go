// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/s2"
)

// A snappy block is the length of its content as a varint, followed by elements: literals, and
// copies of earlier content
// (https://github.com/google/snappy/blob/main/format_description.txt). Copies count backwards, so
// the elements of several blocks in a row are one block: each part of a payload can be compressed
// by itself.
//
// The encoder is klauspost's, which is faster, in its mode without S2 elements. The decoder is
// Google's, because klauspost's also accepts S2, which other clients refuse.

// appendBlock appends the payload of m, of size bytes, as one snappy block.
func appendBlock(dst []byte, m Message, size int) []byte {
	room := binary.MaxVarintLen32 + s2.MaxEncodedLen(len(m.Raw)) + trailer
	for _, c := range m.Chunks {
		room += len(c.elements())
	}
	dst = slices.Grow(dst, room) // once: what a large reply is made of would be copied several times
	dst = binary.AppendUvarint(dst, uint64(size))
	dst = appendElements(dst, m.Raw)
	for _, c := range m.Chunks {
		dst = append(dst, c.elements()...)
	}
	return dst
}

// appendElements appends b as elements. dst must have at least as many bytes as the length of b
// has as a varint. It does, if it begins with the length of a block that contains b.
func appendElements(dst, b []byte) []byte {
	if len(b) == 0 {
		return dst
	}
	// The encoder writes the length of b first. Let it overwrite the end of dst, and restore
	// that afterwards.
	var kept [binary.MaxVarintLen64]byte
	head := len(binary.AppendUvarint(kept[:0], uint64(len(b))))
	room := s2.MaxEncodedLen(len(b))
	dst = slices.Grow(dst, room)
	at := len(dst) - head
	copy(kept[:head], dst[at:])
	block := s2.EncodeSnappy(dst[at:at:at+room], b)
	copy(dst[at:], kept[:head])
	return dst[:at+len(block)]
}

// elements returns b as elements, in new memory of exactly their size.
func elements(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	_, head := binary.Uvarint(binary.AppendUvarint(nil, uint64(len(b))))
	room := s2.MaxEncodedLen(len(b))
	if room > scratchKeep {
		return slices.Clone(s2.EncodeSnappy(nil, b)[head:])
	}
	spare := spares.Get().(*[scratchKeep]byte)
	defer spares.Put(spare)
	return slices.Clone(s2.EncodeSnappy(spare[:room], b)[head:])
}

// spares are buffers for what is compressed once: headers and bodies are small, and many.
var spares = sync.Pool{New: func() any { return new([scratchKeep]byte) }}

// blockSize returns the length that a block declares, if it is allowed and possible. It allocates
// nothing.
func blockSize(block []byte) (int, error) {
	size, head := binary.Uvarint(block)
	if head <= 0 {
		return 0, fmt.Errorf("%w: no length", ErrBadSnappy)
	}
	if size > MaxSize {
		return 0, fmt.Errorf("%w: payload of %d bytes, limit is %d", ErrTooLarge, size, MaxSize)
	}
	// The densest element is a copy of 64 bytes, in 3.
	if most := uint64(len(block)-head) * 64 / 3; size > most {
		return 0, fmt.Errorf("%w: %d bytes cannot hold %d", ErrBadSnappy, len(block)-head, size)
	}
	return int(size), nil
}

// decodeBlock decompresses a block into dst, which must have the length that blockSize returned.
func decodeBlock(dst, block []byte) error {
	if _, err := snappy.Decode(dst, block); err != nil {
		return fmt.Errorf("%w: %w", ErrBadSnappy, err)
	}
	return nil
}
