// SPDX-License-Identifier: Apache-2.0

package mpt

import (
	"bytes"
	"slices"

	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
)

// EmptyRoot is the root of a trie without pairs: the Keccak-256 of the empty RLP byte string.
var EmptyRoot = [32]byte{
	0x56, 0xe8, 0x1f, 0x17, 0x1b, 0xcc, 0x55, 0xa6, 0xff, 0x83, 0x45, 0xe6, 0x92, 0xc0, 0xf8, 0x6e,
	0x5b, 0x48, 0xe0, 0x1b, 0x99, 0x6c, 0xad, 0xc0, 0x01, 0x62, 0x2f, 0xb5, 0xe3, 0x63, 0xb4, 0x21,
}

// A Pair is one entry of a trie. An empty value means that the trie has no such key.
type Pair struct{ Key, Value []byte }

// Root returns the root of the trie of pairs. It sorts pairs by key in place. The last of
// several pairs with one key counts.
func Root(pairs []Pair) [32]byte {
	pairs = normalize(pairs)
	if len(pairs) == 0 {
		return EmptyRoot
	}
	b := newBuilder()
	var key, next []byte // in nibbles
	next = appendNibbles(next, pairs[0].Key)
	for i, p := range pairs {
		key, next = next, key
		shared := noNext
		if i+1 < len(pairs) {
			next = appendNibbles(next[:0], pairs[i+1].Key)
			shared = commonPrefix(key, next)
		}
		b.add(key, p.Value, shared)
	}
	return b.root
}

// normalize sorts pairs, and drops those with an empty value or with a later pair of their key.
func normalize(pairs []Pair) []Pair {
	slices.SortStableFunc(pairs, func(a, b Pair) int { return bytes.Compare(a.Key, b.Key) })
	kept := pairs[:0]
	for i, p := range pairs {
		superseded := i+1 < len(pairs) && bytes.Equal(p.Key, pairs[i+1].Key)
		if !superseded && len(p.Value) > 0 {
			kept = append(kept, p)
		}
	}
	return kept
}

// SecureRoot returns the root of the trie that has each value under the Keccak-256 of its key,
// as state and storage tries do (yellow paper, section 4.1). It does not change pairs.
func SecureRoot(pairs []Pair) [32]byte {
	hashed := make([]Pair, len(pairs))
	for i, p := range pairs {
		h := keccak.Sum256(p.Key)
		hashed[i] = Pair{Key: h[:], Value: p.Value}
	}
	return Root(hashed)
}

// IndexRoot returns the root of the trie that has n items, item(i) under the key RLP(i), as the
// tries of a block's transactions, receipts and withdrawals do (yellow paper, section 4.3.2).
// It calls item once for each index, in the order 1 to 127, 0, 128 and up, and does not use
// the slice after the next call, so item can return one buffer again and again. Items must not
// be empty.
func IndexRoot(n int, item func(i int) []byte) [32]byte {
	if n <= 0 {
		return EmptyRoot
	}
	b := newBuilder()
	var enc [9]byte
	var key, next []byte
	next = appendNibbles(next, rlp.AppendUint64(enc[:0], uint64(indexAt(0, n))))
	for at := range n {
		key, next = next, key
		shared := noNext
		if at+1 < n {
			next = appendNibbles(next[:0], rlp.AppendUint64(enc[:0], uint64(indexAt(at+1, n))))
			shared = commonPrefix(key, next)
		}
		b.add(key, item(indexAt(at, n)), shared)
	}
	return b.root
}

// indexAt returns the index at a position of n indices in the order of their RLP. That is the
// order of the numbers, except that 0, with the RLP 0x80, follows 127.
func indexAt(position, n int) int {
	last := min(n, 128) - 1 // the position of 0
	switch {
	case position < last:
		return position + 1
	case position == last:
		return 0
	default:
		return position
	}
}
