// SPDX-License-Identifier: Apache-2.0

package types

import (
	"github.com/ethpeer/ethpeer/internal/mpt"
	"github.com/ethpeer/ethpeer/rlp"
)

// listRoot returns the root of a list whose content is given. A byte string, which is a
// type and a payload, is in the trie without its RLP header (EIP-2718), a list as it is.
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

// itemsByKey returns what finds the items of a list in the order in which a trie that has
// them under their indices wants them: 1 to 127, 0, 128 and on. It remembers nothing but its
// place: a list of millions of items, which fits into a message, costs no memory.
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

// count returns how many items there are in the content of a list.
func count(content []byte) (n int) {
	for c := rlp.Read(content); c.More(); n++ {
		c.Skip("")
	}
	return n
}
