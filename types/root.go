// SPDX-License-Identifier: Apache-2.0

package types

import (
	"github.com/ethpeer/ethpeer/internal/mpt"
	"github.com/ethpeer/ethpeer/rlp"
)

// listRoot returns the root of the list with this content. The trie has a byte string, a type and a
// payload, without its RLP header (EIP-2718), and a list as it is.
func listRoot(content []byte) Hash {
	next := itemsByKey(content)
	return mpt.IndexRoot(count(content), func(i int) []byte {
		item := next(i)
		if kind, bare, _, err := rlp.Split(item); err == nil && kind == rlp.Bytes {
			return bare
		}
		return item
	})
}

// itemsByKey returns a function that finds the items of a list in the order of
// [mpt.IndexRoot]: 1 to 127, 0, 128 and up. It stores only a position, so a list of millions of
// items, which fits into a message, takes no memory.
func itemsByKey(content []byte) func(i int) []byte {
	rest := content
	next := func() []byte {
		_, _, after, err := rlp.Split(rest)
		if err != nil {
			return nil
		}
		item := rest[:len(rest)-len(after)]
		rest = after
		return item
	}
	first := next()
	return func(i int) []byte {
		if i == 0 {
			return first
		}
		return next()
	}
}

// count returns how many items the content of a list has.
func count(content []byte) (n int) {
	for c := rlp.Read(content); c.More(); n++ {
		c.Skip("")
	}
	return n
}
