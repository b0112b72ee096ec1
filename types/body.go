// SPDX-License-Identifier: Apache-2.0

package types

import (
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
)

// A Body is the part of a block that is not its header. Txs, Uncles and Withdrawals are the
// contents of RLP lists, borrowed from the input.
type Body struct {
	Txs            []byte // as [DecodeTx] reads them, without sidecars
	Uncles         []byte // headers
	Withdrawals    []byte
	HasWithdrawals bool // the body has the list, which may be empty: from Shanghai on (EIP-4895)

	// Raw is the list of the lists; nil in a [Block], whose own list has the header, too.
	Raw []byte
}

// DecodeBody decodes raw, exactly one body as BlockBodies has it
// (devp2p/caps/eth.md#blockbodies-0x06). It allocates nothing.
//
// Uncles, at most 2, and withdrawals are decoded. A transaction is only checked to be a list, or a byte string
// of a type and a payload, and not too short: the roots in the header cover the rest. Use
// [Body.CheckTxs] to decode the transactions of a body without a header.
func DecodeBody(raw []byte) (b Body, err error) {
	c := rlp.Read(raw)
	c.List("body")
	b.read(&c)
	c.End()
	b.Raw = raw
	return b, c.Done()
}

// minTx is the fewest bytes that a transaction takes in a list: the nine fields of a legacy one.
// It prevents that millions of empty items, which fit into a message, are hashed.
const minTx = 1 + 9

// maxUncles is the most uncles of a block of any chain (devp2p/caps/eth.md#block-encoding-and-validity;
// Yellow Paper, 11.1).
const maxUncles = 2

// read reads the lists from the cursor's open list.
func (b *Body) read(c *rlp.Cursor) {
	c.List("txs")
	b.Txs = c.Remaining()
	for c.More() {
		before := len(c.Remaining())
		if kind := c.Kind(""); kind == rlp.List {
			c.Skip("")
		} else if !isEnvelope(c.Bytes("")) {
			c.Fail("", ErrEnvelope)
		}
		if before-len(c.Remaining()) < minTx {
			c.Fail("", ErrShortTx)
		}
	}
	c.End()

	c.List("uncles")
	b.Uncles = c.Remaining()
	for n := 0; c.More(); n++ {
		if n == maxUncles {
			c.Fail("", ErrUncles)
		}
		var h Header
		h.read(c)
	}
	c.End()

	if b.HasWithdrawals = c.More(); !b.HasWithdrawals {
		return
	}
	c.List("withdrawals")
	b.Withdrawals = c.Remaining()
	for c.More() {
		var w Withdrawal
		w.read(c)
	}
	c.End()
}

// Append appends the body's RLP, as BlockBodies has it.
func (b *Body) Append(dst []byte) []byte {
	if b.Raw != nil {
		return append(dst, b.Raw...)
	}
	dst, list := rlp.OpenList(dst)
	dst = appendList(dst, b.Txs)
	dst = appendList(dst, b.Uncles)
	if b.HasWithdrawals {
		dst = appendList(dst, b.Withdrawals)
	}
	return rlp.CloseList(dst, list)
}

// CheckTxs decodes every transaction and returns the first error. A transaction with a sidecar is
// one (EIP-4844: blocks have no sidecars).
func (b *Body) CheckTxs() error {
	c := rlp.Read(b.Txs)
	for c.More() {
		tx, err := DecodeTx(c.Raw("tx"))
		if err != nil {
			return err
		}
		if tx.Sidecar.Present() {
			return ErrSidecarInBlock
		}
	}
	return c.Err()
}

// TxCount returns the number of transactions.
func (b *Body) TxCount() int { return count(b.Txs) }

// TxRoot returns the root of the transactions; the header's TxRoot must be equal.
func (b *Body) TxRoot() Hash { return listRoot(b.Txs) }

// UncleHash returns the Keccak-256 of the list of uncles; the header's UncleHash must be equal.
func (b *Body) UncleHash() Hash {
	var head [9]byte
	return keccak.Sum256(rlp.AppendListHeader(head[:0], len(b.Uncles)), b.Uncles)
}

// WithdrawalsRoot returns the root of the withdrawals; the header's WithdrawalsRoot must be equal
// if HasWithdrawals (EIP-4895).
func (b *Body) WithdrawalsRoot() Hash { return listRoot(b.Withdrawals) }

// Matches reports whether the header's roots are those of the body.
func (b *Body) Matches(h *Header) bool {
	return b.HasWithdrawals == h.HasWithdrawals() &&
		b.UncleHash() == h.UncleHash &&
		b.TxRoot() == h.TxRoot &&
		(!b.HasWithdrawals || b.WithdrawalsRoot() == h.WithdrawalsRoot)
}
