// SPDX-License-Identifier: Apache-2.0

package rlp

// A Kind is one of the two kinds of RLP items (yellow paper, appendix B).
type Kind uint8

// The kinds.
const (
	Bytes Kind = iota
	List
)

// String names the kind.
func (k Kind) String() string {
	if k == List {
		return "list"
	}
	return "byte string"
}

// header reads the header of the item at the front of in. It returns the item's kind, the
// length of the header (0 for a byte below 0x80, which is its own content), and the length of
// the content, which is at most what is left of in (yellow paper, appendix B).
func header(in []byte) (k Kind, head, size int, err error) {
	if len(in) == 0 {
		return 0, 0, 0, ErrTruncated
	}
	switch b := in[0]; {
	case b < 0x80:
		return Bytes, 0, 1, nil
	case b < 0xb8:
		head, size = 1, int(b-0x80)
		if size == 1 && len(in) > 1 && in[1] < 0x80 {
			return 0, 0, 0, ErrNotCanonical
		}
	case b < 0xc0:
		head, size, err = longSize(in, int(b-0xb7))
	case b < 0xf8:
		k, head, size = List, 1, int(b-0xc0)
	default:
		k = List
		head, size, err = longSize(in, int(b-0xf7))
	}
	if err != nil {
		return 0, 0, 0, err
	}
	if size > len(in)-head {
		return 0, 0, 0, ErrTruncated
	}
	return k, head, size, nil
}

// longSize reads a size of n bytes, 1 to 8 (yellow paper, appendix B). It refuses a size that fewer bytes could hold, or
// that is 55 or less and so has a shorter form.
func longSize(in []byte, n int) (head, size int, err error) {
	if len(in) < 1+n {
		return 0, 0, ErrTruncated
	}
	var v uint64
	for _, b := range in[1 : 1+n] {
		v = v<<8 | uint64(b)
	}
	if in[1] == 0 || v < 56 {
		return 0, 0, ErrNotCanonical
	}
	if v > uint64(len(in)) {
		return 0, 0, ErrTruncated
	}
	return 1 + n, int(v), nil
}

// Split reads the item at the front of in. It returns the item's kind, its content, and the
// bytes after it. Both slices are parts of in. What the content contains is not checked.
func Split(in []byte) (k Kind, content, rest []byte, err error) {
	k, head, size, err := header(in)
	if err != nil {
		return 0, nil, nil, &Error{Err: err}
	}
	return k, in[head : head+size : head+size], in[head+size:], nil
}

// Count returns how many items content has, the inside of a list, without the items of lists
// in it. It fails with [ErrTooMany] if there are more than limit.
func Count(content []byte, limit int) (n int, err error) {
	for off := 0; off < len(content); n++ {
		if n == limit {
			return n, &Error{Offset: off, Err: ErrTooMany}
		}
		_, head, size, err := header(content[off:])
		if err != nil {
			return n, &Error{Offset: off, Err: err}
		}
		off += head + size
	}
	return n, nil
}

// Valid checks that item is exactly one item, canonical on all levels, with at most maxDepth
// levels of lists: 0 for a byte string, 1 for a list of byte strings; 64 is the most. It uses
// the same memory for any input.
func Valid(item []byte, maxDepth int) error {
	var stack [64]int // ends of the open lists
	if maxDepth > len(stack) {
		maxDepth = len(stack)
	}
	depth, end := 0, len(item)
	off := 0
	for first := true; off < len(item); first = false {
		for depth > 0 && off == end {
			depth--
			end = stack[depth]
		}
		if depth == 0 && !first {
			return &Error{Offset: off, Err: ErrTrailing}
		}
		k, head, size, err := header(item[off:end])
		if err != nil {
			return &Error{Offset: off, Err: err}
		}
		if k == Bytes {
			off += head + size
			continue
		}
		if depth == maxDepth {
			return &Error{Offset: off, Err: ErrDepth}
		}
		stack[depth] = end
		depth++
		off += head
		end = off + size
		if size == 0 {
			depth--
			end = stack[depth]
		}
	}
	if len(item) == 0 {
		return &Error{Err: ErrMissing}
	}
	return nil
}
