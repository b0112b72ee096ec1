// SPDX-License-Identifier: Apache-2.0

package mpt

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
)

// define is the trie as the yellow paper defines it (appendix D): c(pairs, depth), by
// recursion over sets of pairs. It shares nothing with the builder but the path encoding.
func define(pairs []Pair, depth int) []byte {
	if len(pairs) == 0 {
		return []byte{0x80}
	}
	first := appendNibbles(nil, pairs[0].Key)
	if len(pairs) == 1 {
		return list(appendPath(nil, first[depth:], 0x20), rlp.AppendBytes(nil, pairs[0].Value))
	}
	last := appendNibbles(nil, pairs[len(pairs)-1].Key)
	if n := commonPrefix(first, last); n > depth {
		return list(appendPath(nil, first[depth:n], 0), refer(define(pairs, n)))
	}
	items := make([][]byte, 17)
	for nibble := range 16 {
		var under []Pair
		for _, p := range pairs {
			if k := appendNibbles(nil, p.Key); len(k) > depth && k[depth] == byte(nibble) {
				under = append(under, p)
			}
		}
		items[nibble] = refer(define(under, depth+1))
	}
	items[16] = []byte{0x80}
	if len(first) == depth {
		items[16] = rlp.AppendBytes(nil, pairs[0].Value)
	}
	return list(items...)
}

func list(items ...[]byte) []byte {
	all := bytes.Join(items, nil)
	return append(rlp.AppendListHeader(nil, len(all)), all...)
}

func refer(node []byte) []byte {
	if len(node) < 32 {
		return node
	}
	sum := keccak.Sum256(node)
	return rlp.AppendBytes(nil, sum[:])
}

func defineRoot(trie map[string][]byte) [32]byte {
	var pairs []Pair
	for _, k := range slices.Sorted(maps.Keys(trie)) {
		pairs = append(pairs, Pair{[]byte(k), trie[k]})
	}
	return keccak.Sum256(define(pairs, 0))
}

// TestIndexRoot covers the counts around which the order of the keys and the shape of the
// trie change, with items that are embedded in their parents and items that are not.
func TestIndexRoot(t *testing.T) {
	for _, n := range []int{0, 1, 2, 15, 16, 17, 126, 127, 128, 129, 130, 255, 256, 257, 300, 1000} {
		for _, size := range []int{1, 20, 29, 30, 31, 32, 33, 55, 56, 300} {
			trie := make(map[string][]byte)
			item := func(i int) []byte { return bytes.Repeat([]byte{byte(i)}, size) }
			for i := range n {
				trie[string(rlp.AppendUint64(nil, uint64(i)))] = item(i)
			}
			var reused []byte
			calls := make([]int, n)
			got := IndexRoot(n, func(i int) []byte {
				calls[i]++
				reused = append(reused[:0], item(i)...)
				return reused
			})
			if want := defineRoot(trie); got != want {
				t.Errorf("%d items of %d bytes: root %x, want %x", n, size, got, want)
			}
			if slices.ContainsFunc(calls, func(c int) bool { return c != 1 }) {
				t.Errorf("%d items: not one call each: %v", n, calls)
			}
		}
	}
}

func TestNegativeCountHasTheEmptyRoot(t *testing.T) {
	if IndexRoot(-1, nil) != EmptyRoot || EmptyRoot != keccak.Sum256([]byte{0x80}) {
		t.Error("empty root is wrong")
	}
}

// TestDeepKeys shows that depth costs memory, not stack: each key is a prefix of the next.
func TestDeepKeys(t *testing.T) {
	const depth = 2000
	key := bytes.Repeat([]byte{0xab}, depth)
	var pairs []Pair
	for n := range depth {
		pairs = append(pairs, Pair{key[:n], []byte(fmt.Sprint(n))})
	}
	node := list(appendPath(nil, nil, 0x20), rlp.AppendBytes(nil, pairs[depth-1].Value))
	for n := depth - 2; n >= 0; n-- { // from the deepest up: branch, extension of one nibble
		items := slices.Repeat([][]byte{{0x80}}, 17)
		low := key[n] & 0x0f
		if n == depth-2 {
			items[0x0a] = refer(list(appendPath(nil, []byte{low}, 0x20), rlp.AppendBytes(nil, pairs[n+1].Value)))
		} else {
			items[0x0a] = refer(list(appendPath(nil, []byte{low}, 0), refer(node)))
		}
		items[16] = rlp.AppendBytes(nil, pairs[n].Value)
		node = list(items...)
	}
	if got, want := Root(pairs), keccak.Sum256(node); got != want {
		t.Errorf("root %x, want %x", got, want)
	}
}

// FuzzRoot cuts its input into pairs and compares with the definition.
func FuzzRoot(f *testing.F) {
	f.Add([]byte{}, uint8(1))
	f.Add([]byte("\x02dodog\x01ddoge\x02dodo"), uint8(3))
	f.Add(bytes.Repeat([]byte{1, 0xaa, 2, 0xaa, 0xab}, 20), uint8(40))
	f.Fuzz(func(t *testing.T, in []byte, stretch uint8) {
		trie := make(map[string][]byte)
		var pairs []Pair
		for len(in) > 0 && len(pairs) < 64 {
			n := min(int(in[0]%8), len(in)-1)
			key := in[1 : 1+n]
			in = in[1+n:]
			value := bytes.Repeat(in[:min(2, len(in))], int(stretch))
			pairs = append(pairs, Pair{key, value})
			if delete(trie, string(key)); len(value) > 0 {
				trie[string(key)] = value
			}
		}
		want := defineRoot(trie)
		if got := Root(pairs); got != want {
			t.Fatalf("root %x, want %x, of %x", got, want, pairs)
		}
	})
}
