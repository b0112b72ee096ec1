// SPDX-License-Identifier: Apache-2.0

package types

import (
	"github.com/ethpeer/ethpeer/internal/mpt"
	"github.com/ethpeer/ethpeer/rlp"
)

// listRoot returns the root of a list whose content is given. A byte string, which is a
// type and a payload, is in the trie without its RLP header (EIP-2718), a list as it is.
func listRoot(content []byte) Hash {
	items := make([][]byte, 0, count(content))
	for c := rlp.Read(content); c.More(); {
		if c.Kind("") == rlp.Bytes {
			items = append(items, c.Bytes(""))
		} else {
			items = append(items, c.Raw(""))
		}
	}
	return mpt.IndexRoot(len(items), func(i int) []byte { return items[i] })
}

// count returns how many items there are in the content of a list.
func count(content []byte) (n int) {
	for c := rlp.Read(content); c.More(); n++ {
		c.Skip("")
	}
	return n
}
