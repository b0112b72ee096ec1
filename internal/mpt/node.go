// SPDX-License-Identifier: Apache-2.0

package mpt

import "github.com/ethpeer/ethpeer/rlp"

// A ref is the form of a node in its parent: the node's RLP or, if that takes 32 bytes or more,
// its hash as a byte string (yellow paper, appendix D, function n). The zero ref is no child.
type ref struct {
	size uint8
	rlp  [33]byte
}

// ref returns the reference to the node in b.node.
func (b *builder) ref() (r ref) {
	if len(b.node) < 32 {
		r.size = uint8(copy(r.rlp[:], b.node))
		return r
	}
	sum := b.sum()
	r.size, r.rlp[0] = 33, 0xa0
	copy(r.rlp[1:], sum[:])
	return r
}

// sum hashes the node in b.node.
func (b *builder) sum() (sum [32]byte) {
	b.hasher.Reset()
	b.hasher.Write(b.node)
	b.hasher.Sum(sum[:0])
	return sum
}

// leaf encodes a node that ends a path, with the rest of the path and the value.
func (b *builder) leaf(path, value []byte) ref {
	b.node = rlp.AppendListHeader(b.node[:0], sizePath(path)+rlp.SizeBytes(value))
	b.node = appendPath(b.node, path, 0x20)
	b.node = rlp.AppendBytes(b.node, value)
	return b.ref()
}

// extension encodes a node with a part of a path that leads to a branch.
func (b *builder) extension(path []byte, child ref) ref {
	b.node = rlp.AppendListHeader(b.node[:0], sizePath(path)+int(child.size))
	b.node = appendPath(b.node, path, 0x00)
	b.node = append(b.node, child.rlp[:child.size]...)
	return b.ref()
}

// branch encodes a branch, after its last child was attached.
func (b *builder) branch(n *branch) ref {
	size := rlp.SizeBytes(n.value)
	for i := range n.children {
		size += max(1, int(n.children[i].size))
	}
	b.node = rlp.AppendListHeader(b.node[:0], size)
	for i := range n.children {
		if c := &n.children[i]; c.size > 0 {
			b.node = append(b.node, c.rlp[:c.size]...)
		} else {
			b.node = append(b.node, 0x80)
		}
	}
	b.node = rlp.AppendBytes(b.node, n.value)
	return b.ref()
}

// appendPath appends nibbles in hex-prefix encoding, as a byte string (yellow paper, appendix
// C): a nibble of flags, whose lowest bit is set if the count is odd, a zero nibble if the
// count is even, then the nibbles.
func appendPath(dst, nibbles []byte, flags byte) []byte {
	size := len(nibbles)/2 + 1
	first := flags
	if len(nibbles)%2 == 1 {
		first |= 0x10 | nibbles[0]
		nibbles = nibbles[1:]
	}
	if size > 1 { // a single byte is below 0x80 and its own encoding
		dst = rlp.AppendBytesHeader(dst, size)
	}
	dst = append(dst, first)
	for i := 0; i < len(nibbles); i += 2 {
		dst = append(dst, nibbles[i]<<4|nibbles[i+1])
	}
	return dst
}

// sizePath returns how many bytes appendPath appends.
func sizePath(nibbles []byte) int {
	size := len(nibbles)/2 + 1
	if size == 1 {
		return 1
	}
	return rlp.SizeList(size) // the header of a byte string is as long
}

// appendNibbles appends the two halves of each byte, the high half first.
func appendNibbles(dst, key []byte) []byte {
	for _, b := range key {
		dst = append(dst, b>>4, b&0x0f)
	}
	return dst
}

// commonPrefix returns how many first nibbles of a and b are equal.
func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
