// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"iter"

	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// GetCells asks for cells of the blobs of transactions (EIP-8070): for those in the mask, of every
// blob:
//
//	eth/72  [id, [hash, …], cellMask]
type GetCells struct {
	ID     uint64
	Hashes Hashes
	Mask   CellMask
}

// Cells answers GetCells (EIP-8070). A group is the cells of one transaction's blobs:
//
//	eth/72  [id, [hash, …], [[cell, …], …], cellMask]
//
// The group at i belongs to the hash at i. Transactions that the peer does not have are left out.
// A group has every cell in the mask of every blob: first those of the smallest index, of one
// blob after the other, then those of the next index. A group with more or fewer cells is an
// error, and so is a cell that has not 2048 bytes.
type Cells struct {
	ID     uint64
	Hashes Hashes
	Mask   CellMask // the cells that were sent, which may be fewer than requested
	groups List
}

// A CellGroup is the cells of one transaction. It borrows the bytes that it was read from.
type CellGroup struct {
	content []byte // a multiple of cellItem; each item's header has been checked
}

const cellItem = 3 + types.CellSize // bytes that a cell takes in a list

// Len returns the number of cells.
func (g CellGroup) Len() int { return len(g.content) / cellItem }

// At returns the cell at i, which must be from 0 to Len()-1. With n indices in the mask
// and Len()/n blobs, the cell of the index that is k-th in the mask and of blob b is at
// k*(Len()/n) + b.
func (g CellGroup) At(i int) []byte {
	end := (i + 1) * cellItem
	return g.content[end-types.CellSize : end : end]
}

// Kind returns KindGetCells.
func (*GetCells) Kind() Kind { return KindGetCells }

// Kind returns KindCells.
func (*Cells) Kind() Kind { return KindCells }

// Len returns the number of transactions.
func (m *Cells) Len() int { return m.groups.Len() }

// All yields the hash of each transaction and its cells, in order.
func (m *Cells) All() iter.Seq2[types.Hash, CellGroup] {
	return func(yield func(types.Hash, CellGroup) bool) {
		i := 0
		for item := range m.groups.Items() {
			_, content, _, _ := rlp.Split(item) // readCellGroups has seen it
			if !yield(m.Hashes.At(i), CellGroup{content: content}) {
				return
			}
			i++
		}
	}
}

func (m *GetCells) decode(c *rlp.Cursor, row *Row, v Version) {
	m.ID = openEnvelope(c, v)
	m.Hashes = readAsked(c, row.Items)
	c.Fixed("cellMask", m.Mask[:])
	closeEnvelope(c, v)
}

// Append implements [Message].
func (m *GetCells) Append(dst []byte, v Version) []byte {
	dst = appendEnvelope(dst, v, m.ID, rlp.SizeList(len(m.Hashes.content))+maskItem)
	dst = m.Hashes.appendTo(dst)
	return rlp.AppendBytes(dst, m.Mask[:])
}

const maskItem = 1 + len(CellMask{}) // bytes that a mask takes in a list

func (m *Cells) decode(c *rlp.Cursor, row *Row, v Version) {
	m.ID = openEnvelope(c, v)
	m.Hashes = readHashes(c, row.Items)
	m.groups = readCellGroups(c, row.Items)
	if m.Hashes.Len() != m.groups.Len() {
		c.Fail("cells", ErrUnevenCells)
	}
	c.Fixed("cellMask", m.Mask[:])
	if c.Err() == nil && !m.fitMask() {
		c.Fail("cellMask", ErrCellMask)
	}
	closeEnvelope(c, v)
}

// fitMask reports whether every group has equally many cells of each blob.
func (m *Cells) fitMask() bool {
	each := m.Mask.Len()
	for _, g := range m.All() {
		if n := g.Len(); n > 0 && (each == 0 || n%each != 0) {
			return false
		}
	}
	return true
}

// readCellGroups reads a list of at most limit lists of cells.
func readCellGroups(c *rlp.Cursor, limit int) List {
	c.List("cells")
	content, n := c.Remaining(), 0
	for ; c.More(); n++ {
		readCellGroup(c)
		if n == limit {
			c.Fail("", rlp.ErrTooMany)
		}
	}
	c.End()
	if c.Err() != nil {
		return List{}
	}
	return List{content: content, n: n}
}

// readCellGroup reads a list of cells, which all take equally many bytes.
func readCellGroup(c *rlp.Cursor) {
	c.List("")
	if areCells(c.Remaining()) {
		c.EndOpen()
		return
	}
	var cell [types.CellSize]byte
	for c.More() {
		c.Fixed("", cell[:])
	}
	c.End()
}

func areCells(content []byte) bool {
	for i := 0; i < len(content); i += cellItem {
		// The header of a byte string of 2048 bytes.
		if len(content)-i < cellItem ||
			content[i] != 0xb9 || content[i+1] != types.CellSize>>8 || content[i+2] != types.CellSize&0xff {
			return false
		}
	}
	return true
}

// Append implements [Message].
func (m *Cells) Append(dst []byte, v Version) []byte {
	size := rlp.SizeList(len(m.Hashes.content)) + rlp.SizeList(len(m.groups.content)) + maskItem
	dst = appendEnvelope(dst, v, m.ID, size)
	dst = m.Hashes.appendTo(dst)
	dst = appendList(dst, m.groups)
	return rlp.AppendBytes(dst, m.Mask[:])
}
