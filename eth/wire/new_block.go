// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/rlp"
)

// NewBlock has a new block (devp2p/caps/eth.md#newblock-0x07):
//
//	[[header, [tx, …], [uncle, …]], td]
//	[[header, [tx, …], [uncle, …], [withdrawal, …]], td]
//
// Each part is one raw item with its header. The contents of the parts are not checked. A total
// difficulty of more than 100 bits, which no chain reaches, is an error.
type NewBlock struct {
	Block          []byte // the whole block, the first element of the message
	Header         []byte // a list; its Keccak-256 is the block's hash
	Txs            []byte // a list
	Uncles         []byte // a list
	Withdrawals    []byte // a list; nil if HasWithdrawals is false
	HasWithdrawals bool   // the block has a fourth element
	TD             uint256.Int
}

// maxDifficultyBits is the most bits of a total difficulty.
const maxDifficultyBits = 100

// Kind returns KindNewBlock.
func (*NewBlock) Kind() Kind { return KindNewBlock }

func (m *NewBlock) decode(c *rlp.Cursor, _ *Row, _ Version) {
	*m = NewBlock{}
	c.List("")
	before := c.Remaining()
	c.List("block")
	m.Header = readRawList(c, "header")
	m.Txs = readRawList(c, "txs")
	m.Uncles = readRawList(c, "uncles")
	if m.HasWithdrawals = c.More(); m.HasWithdrawals {
		m.Withdrawals = readRawList(c, "withdrawals")
	}
	c.End()
	size := len(before) - len(c.Remaining())
	m.Block = before[:size:size]
	m.TD.SetBytes(c.Integer("td", 32))
	if m.TD.BitLen() > maxDifficultyBits {
		c.Fail("td", ErrDifficulty)
	}
	c.End()
}

// readRawList reads an item that must be a list, with its header.
func readRawList(c *rlp.Cursor, name string) []byte {
	item := c.Raw(name)
	if len(item) > 0 && item[0] < 0xc0 {
		c.Fail(name, rlp.ErrWantList)
	}
	return item
}

// Append implements [Message]. It writes Block and TD; the other fields are parts of Block.
func (m *NewBlock) Append(dst []byte, _ Version) []byte { return AppendNewBlock(dst, m.Block, &m.TD) }

// AppendNewBlock appends a NewBlock message. block is the raw list of header,
// transactions, uncles and, from Shanghai on, withdrawals.
func AppendNewBlock(dst, block []byte, td *uint256.Int) []byte {
	dst, list := rlp.OpenList(dst)
	dst = append(dst, block...)
	dst = appendDifficulty(dst, td)
	return rlp.CloseList(dst, list)
}
