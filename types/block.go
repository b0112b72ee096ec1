// SPDX-License-Identifier: Apache-2.0

package types

import "github.com/ethpeer/ethpeer/rlp"

// A Block is a header and a body (devp2p/caps/eth.md#block-encoding-and-validity). A decoded Block
// borrows from the input.
type Block struct {
	Header Header
	Body   Body
	Raw    []byte // [header, txs, uncles] and, from Shanghai on, withdrawals
}

// DecodeBlock decodes raw, exactly one block as NewBlock has it (devp2p/caps/eth.md#newblock-0x07).
// It allocates nothing. [Body.Matches] checks that the body belongs to the header.
func DecodeBlock(raw []byte) (b Block, err error) {
	c := rlp.Read(raw)
	c.List("block")
	b.Header.read(&c)
	b.Body.read(&c)
	c.End()
	b.Raw = raw
	return b, c.Done()
}

// AppendBlock appends the block of a header and a body. A header with Raw is appended as Raw.
func AppendBlock(dst []byte, h *Header, b *Body) []byte {
	dst, list := rlp.OpenList(dst)
	if h.Raw != nil {
		dst = append(dst, h.Raw...)
	} else {
		dst = h.Append(dst)
	}
	dst = appendList(dst, b.Txs)
	dst = appendList(dst, b.Uncles)
	if b.HasWithdrawals {
		dst = appendList(dst, b.Withdrawals)
	}
	return rlp.CloseList(dst, list)
}
