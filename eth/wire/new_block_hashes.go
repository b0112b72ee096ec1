// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"iter"

	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// NewBlockHashes announces new blocks (devp2p/caps/eth.md#newblockhashes-0x01):
//
//	[[hash, number], …]
type NewBlockHashes struct {
	list List
}

// A BlockName is the hash and the number of a block.
type BlockName struct {
	Hash   types.Hash
	Number uint64
}

// Kind returns KindNewBlockHashes.
func (*NewBlockHashes) Kind() Kind { return KindNewBlockHashes }

// Len returns the number of blocks.
func (m *NewBlockHashes) Len() int { return m.list.Len() }

// All yields hash and number of each block, in order.
func (m *NewBlockHashes) All() iter.Seq2[types.Hash, uint64] {
	return func(yield func(types.Hash, uint64) bool) {
		for c := rlp.Read(m.list.content); c.More(); {
			if b := readBlockName(&c); !yield(b.Hash, b.Number) {
				return
			}
		}
	}
}

func (m *NewBlockHashes) decode(c *rlp.Cursor, row *Row, _ Version) {
	c.List("blocks")
	content, n := c.Remaining(), 0
	for ; c.More(); n++ {
		readBlockName(c)
		if n == row.Items {
			c.Fail("", rlp.ErrTooMany)
		}
	}
	c.End()
	m.list = List{content: content, n: n}
}

func readBlockName(c *rlp.Cursor) (b BlockName) {
	c.List("")
	c.Fixed("hash", b.Hash[:])
	b.Number = c.Uint64("number")
	c.End()
	return b
}

// Append implements [Message].
func (m *NewBlockHashes) Append(dst []byte, _ Version) []byte { return appendList(dst, m.list) }

// AppendNewBlockHashes appends a NewBlockHashes message. The caller observes the row's SendItems.
func AppendNewBlockHashes(dst []byte, blocks []BlockName) []byte {
	dst, list := rlp.OpenList(dst)
	for i := range blocks {
		b := &blocks[i]
		dst = rlp.AppendListHeader(dst, hashItem+rlp.SizeUint64(b.Number))
		dst = rlp.AppendBytes(dst, b.Hash[:])
		dst = rlp.AppendUint64(dst, b.Number)
	}
	return rlp.CloseList(dst, list)
}
