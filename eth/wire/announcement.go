// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"iter"

	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// NewPooledTransactionHashes announces transactions that can be fetched
// (devp2p/caps/eth.md#newpooledtransactionhashes-0x08):
//
//	eth/65–67  [hash, …]
//	eth/68–71  [types, [size, …], [hash, …]]
//	eth/72     [types, [size, …], [hash, …], cellMask]
//
// types is a byte string with one byte for each transaction. Types, sizes and hashes must be
// equally many. The mask may be empty; it holds for all blob transactions of the message
// (EIP-8070).
type NewPooledTransactionHashes struct {
	Hashes Hashes
	Types  []byte // one for each hash; nil unless Typed
	Typed  bool   // types and sizes are known: from eth/68 on

	// Mask is the set of cells that the peer has of every announced blob. It is valid if
	// Masked: from eth/72 on, unless the peer left it empty.
	Mask   CellMask
	Masked bool

	sizes []byte // content of the list, checked
}

// An Announced is one announced transaction.
type Announced struct {
	Hash  types.Hash
	Type  uint8  // valid if Typed
	Size  uint64 // bytes of the consensus encoding; of a blob transaction with its sidecar, from eth/72 on without the blobs; valid if Typed
	Typed bool   // type and size are known
}

// Kind returns KindNewPooledTransactionHashes.
func (*NewPooledTransactionHashes) Kind() Kind { return KindNewPooledTransactionHashes }

// Len returns the number of transactions.
func (m *NewPooledTransactionHashes) Len() int { return m.Hashes.Len() }

// All yields the announced transactions in order.
func (m *NewPooledTransactionHashes) All() iter.Seq[Announced] {
	return func(yield func(Announced) bool) {
		sizes := m.sizes
		for i := range m.Len() {
			a := Announced{Hash: m.Hashes.At(i), Typed: m.Typed}
			if m.Typed {
				size, n := uint64Item(sizes)
				a.Type, a.Size = m.Types[i], size
				sizes = sizes[n:]
			}
			if !yield(a) {
				return
			}
		}
	}
}

func (m *NewPooledTransactionHashes) decode(c *rlp.Cursor, row *Row, v Version) {
	*m = NewPooledTransactionHashes{Typed: v >= typedAnnouncements}
	if !m.Typed {
		m.Hashes = readHashes(c, row.Items)
		return
	}
	c.List("")
	m.Types = c.Bytes("types")
	if len(m.Types) > row.Items {
		c.Fail("types", rlp.ErrTooMany)
	}
	var sizes int
	m.sizes, sizes = readUint64s(c, "sizes", row.Items)
	m.Hashes = readHashes(c, row.Items)
	if len(m.Types) != m.Len() || sizes != m.Len() {
		c.Fail("hashes", ErrUneven)
	}
	if v >= cellMasks {
		m.Mask, m.Masked = readOptionalMask(c)
	}
	c.End()
}

// Append implements [Message]. It writes types and sizes if the message was read with them,
// whatever v is.
func (m *NewPooledTransactionHashes) Append(dst []byte, v Version) []byte {
	if !m.Typed {
		return m.Hashes.appendTo(dst)
	}
	dst, list := rlp.OpenList(dst)
	dst = rlp.AppendBytes(dst, m.Types)
	dst = rlp.AppendListHeader(dst, len(m.sizes))
	dst = append(dst, m.sizes...)
	dst = m.Hashes.appendTo(dst)
	if v >= cellMasks {
		dst = rlp.AppendBytes(dst, m.Mask[:m.maskSize()])
	}
	return rlp.CloseList(dst, list)
}

func (m *NewPooledTransactionHashes) maskSize() int {
	if m.Masked {
		return len(m.Mask)
	}
	return 0
}

// AppendAnnouncement appends a NewPooledTransactionHashes message of a node that has no cell of
// any blob. Before eth/68 the message has only the hashes. The caller observes the row's
// SendItems.
func AppendAnnouncement(dst []byte, v Version, all []Announced) []byte {
	return AppendCellAnnouncement(dst, v, all, CellMask{})
}

// AppendCellAnnouncement appends a NewPooledTransactionHashes message of a node that has the cells
// in mask of every blob of every announced transaction (EIP-8070). Before eth/72 it leaves out
// the mask.
func AppendCellAnnouncement(dst []byte, v Version, all []Announced, mask CellMask) []byte {
	if v < typedAnnouncements {
		return appendAnnouncedHashes(dst, all)
	}
	dst, list := rlp.OpenList(dst)
	if len(all) == 1 {
		dst = rlp.AppendBytes(dst, []byte{all[0].Type}) // one byte may be its own header
	} else {
		dst = rlp.AppendBytesHeader(dst, len(all))
		for i := range all {
			dst = append(dst, all[i].Type)
		}
	}
	dst, sizes := rlp.OpenList(dst)
	for i := range all {
		dst = rlp.AppendUint64(dst, all[i].Size)
	}
	dst = rlp.CloseList(dst, sizes)
	dst = appendAnnouncedHashes(dst, all)
	if v >= cellMasks {
		dst = rlp.AppendBytes(dst, mask[:]) // all of it, even if it is zero: see readOptionalMask
	}
	return rlp.CloseList(dst, list)
}

func appendAnnouncedHashes(dst []byte, all []Announced) []byte {
	dst = rlp.AppendListHeader(dst, hashItem*len(all))
	for i := range all {
		dst = append(dst, byte(hashHeader))
		dst = append(dst, all[i].Hash[:]...)
	}
	return dst
}
