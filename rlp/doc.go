// SPDX-License-Identifier: Apache-2.0

// Package rlp reads and writes RLP, the recursive length prefix encoding of Ethereum.
//
// In: bytes from a peer or a file. Out: items, as slices of those bytes. Reading copies nothing
// and allocates nothing; writing appends to the caller's slice. There is no reflection: each
// type has one function that reads its fields in order and one that writes them. The encoding
// is specified in https://ethereum.org/en/developers/docs/data-structures-and-encoding/rlp/ and
// in appendix B of the yellow paper.
//
// A [Cursor] reads. It refuses what is not canonical, and compares every size with the bytes
// that are there before it returns a slice. The first error sticks, with its offset and the
// path of its field ("block.header[3].number"), so a decoder reads like the specification and
// checks the error once, at the end:
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
// Limits: [MaxDepth] open lists for a Cursor, 64 levels for [Valid]. A string or list can be as
// large as the input. Slices that a Cursor returns are parts of the input: copy one to keep it
// longer than the input.
package rlp
