// SPDX-License-Identifier: Apache-2.0

// Package rlp reads and writes RLP, Ethereum's recursive length prefix encoding
// (https://ethereum.org/en/developers/docs/data-structures-and-encoding/rlp/).
//
// In: bytes from a peer or a file. Out: items, as slices of those bytes. Reading
// copies nothing and allocates nothing; writing appends to the caller's slice. There
// is no reflection: a type names its fields in order, in one function to read them
// and one to write them.
//
// A [Cursor] reads. It checks the canonical form and every size against what is there
// before it hands out a slice. Its first error sticks, with the offset and the path of
// the field ("block.header[3].number"), so that a decoder reads like the specification
// and looks at the error once, at the end:
//
//	c := rlp.Read(payload)
//	c.List("range")
//	earliest, latest := c.Uint64("earliest"), c.Uint64("latest")
//	c.Fixed("latestHash", hash[:])
//	c.End()
//	err := c.Done()
//
// The Append functions write:
//
//	dst, list := rlp.OpenList(dst)
//	dst = rlp.AppendUint64(dst, earliest)
//	dst = rlp.CloseList(dst, list)
//
// Slices that a cursor hands out belong to the input: whoever keeps one longer than
// the input lives must copy it.
package rlp
