// SPDX-License-Identifier: Apache-2.0

package types

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/rlp"
)

// readFields reads the list of a transaction's fields, signature included. The types have different
// fields in the same order (EIP-2930, EIP-1559, EIP-4844, EIP-7702):
//
//	                0  1  2  3  4
//	chain ID           ×  ×  ×  ×
//	nonce           ×  ×  ×  ×  ×
//	tip                   ×  ×  ×
//	fee cap         ×  ×  ×  ×  ×   types 0 and 1: gas price
//	gas             ×  ×  ×  ×  ×
//	to              ×  ×  ×  ×  ×   types 3 and 4: not empty
//	value           ×  ×  ×  ×  ×
//	data            ×  ×  ×  ×  ×
//	access list        ×  ×  ×  ×
//	blob fee cap             ×
//	blob hashes              ×
//	auth list                   ×
//	v, r, s         ×  ×  ×  ×  ×
func (t *Tx) readFields(c *rlp.Cursor) {
	start, all := c.Offset(), c.Remaining()
	c.List("tx")
	first, fields := c.Offset(), c.Remaining()
	if t.Type != LegacyTx {
		readUint256(c, "chainID", &t.ChainID)
	}
	t.Nonce = c.Uint64("nonce")
	if t.Type >= DynamicFeeTx {
		readUint256(c, "tip", &t.Tip)
	}
	readUint256(c, "feeCap", &t.FeeCap)
	if t.Type < DynamicFeeTx {
		t.Tip = t.FeeCap
	}
	t.Gas = c.Uint64("gas")
	t.readTo(c)
	readUint256(c, "value", &t.Value)
	t.Data = c.Bytes("data")
	if t.Type != LegacyTx {
		t.AccessList = readAccessList(c)
	}
	if t.Type == BlobTx {
		readUint256(c, "blobFeeCap", &t.BlobFeeCap)
		t.BlobHashes = readHashes(c, "blobHashes")
	}
	if t.Type == SetCodeTx {
		t.AuthList = readAuthList(c)
	}
	t.signed = fields[:c.Offset()-first]
	t.readSignature(c)
	c.End()
	t.list = all[: c.Offset()-start : c.Offset()-start]
}

func (t *Tx) readTo(c *rlp.Cursor) {
	switch to := c.Bytes("to"); {
	case len(to) == len(t.To):
		copy(t.To[:], to)
	case len(to) > 0:
		c.Fail("to", ErrAddress)
	case t.Type >= BlobTx:
		c.Fail("to", ErrNoRecipient)
	default:
		t.Create = true
	}
}

func (t *Tx) readSignature(c *rlp.Cursor) {
	readUint256(c, "v", &t.V)
	if t.Type != LegacyTx && t.V.GtUint64(1) {
		c.Fail("v", ErrParity)
	}
	readUint256(c, "r", &t.R)
	readUint256(c, "s", &t.S)
}

// appendFields appends the content of the list of fields, without the signature.
func (t *Tx) appendFields(dst []byte) []byte {
	if t.Type != LegacyTx {
		dst = appendUint256(dst, &t.ChainID)
	}
	dst = rlp.AppendUint64(dst, t.Nonce)
	if t.Type >= DynamicFeeTx {
		dst = appendUint256(dst, &t.Tip)
	}
	dst = appendUint256(dst, &t.FeeCap)
	dst = rlp.AppendUint64(dst, t.Gas)
	if t.Create {
		dst = rlp.AppendBytes(dst, nil)
	} else {
		dst = rlp.AppendBytes(dst, t.To[:])
	}
	dst = appendUint256(dst, &t.Value)
	dst = rlp.AppendBytes(dst, t.Data)
	if t.Type != LegacyTx {
		dst = appendList(dst, t.AccessList)
	}
	if t.Type == BlobTx {
		dst = appendUint256(dst, &t.BlobFeeCap)
		dst = appendList(dst, t.BlobHashes)
	}
	if t.Type == SetCodeTx {
		dst = appendList(dst, t.AuthList)
	}
	return dst
}

// encode returns the consensus bytes of the fields, without a sidecar.
func (t *Tx) encode() []byte {
	var dst []byte
	if t.Type != LegacyTx {
		dst = append(dst, t.Type)
	}
	dst, list := rlp.OpenList(dst)
	dst = t.appendFields(dst)
	for _, v := range []*uint256.Int{&t.V, &t.R, &t.S} {
		dst = appendUint256(dst, v)
	}
	return rlp.CloseList(dst, list)
}
