// SPDX-License-Identifier: Apache-2.0

package types

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/rlp"
)

// The types of transactions whose fields this package knows.
const (
	LegacyTx     = 0 // no envelope
	AccessListTx = 1 // EIP-2930
	DynamicFeeTx = 2 // EIP-1559
	BlobTx       = 3 // EIP-4844
	SetCodeTx    = 4 // EIP-7702
	knownTypes   = 5
	maxTxType    = 0x7f // EIP-2718
)

// A Tx is a transaction.
//
// A decoded one borrows all its slices from the input. Its bytes are what its hash and its
// encodings are made of; the fields say what they mean, and changing them changes nothing
// else. [Sign] makes the bytes from the fields.
type Tx struct {
	Type  uint8
	Known bool // the type is one of 0 to 4; of others only Type and the bytes are there

	ChainID    uint256.Int // 0 for a legacy transaction that is valid on every chain
	Nonce      uint64
	Tip        uint256.Int // most wei per gas for the block's producer; types 0 and 1: the gas price
	FeeCap     uint256.Int // most wei per gas in all; types 0 and 1: the gas price
	Gas        uint64      // limit
	Create     bool        // there is no recipient: the transaction creates a contract
	To         Address
	Value      uint256.Int // wei
	Data       []byte
	AccessList []byte      // types 1 and up: content of the RLP list of [address, [key, ...]]
	BlobFeeCap uint256.Int // type 3: most wei per blob gas
	BlobHashes []byte      // type 3: content of the RLP list of versioned hashes, 33 bytes each
	AuthList   []byte      // type 4: content of the RLP list of [chainID, address, nonce, yParity, r, s]

	V, R, S uint256.Int // V is the y parity, for legacy transactions see [Tx.Protected]

	Sidecar Sidecar // type 3, where it came along

	// Raw is the transaction as lists of transactions hold it, with its RLP header: a list
	// if it is a legacy one, else a byte string. It is nil for a typed one that
	// came through [DecodeTxBinary].
	Raw []byte

	binary []byte // consensus bytes: type and payload, with the sidecar; or the legacy list
	list   []byte // the list of the fields, without the sidecar
	signed []byte // content of list before the signature
}

// DecodeTx decodes item, exactly one transaction in the form in which messages and blocks
// list it. A blob transaction may have its sidecar, as in PooledTransactions
// (devp2p/caps/eth.md#pooledtransactions-0x0a). It allocates nothing.
//
// The error wraps [ErrInvalidTx] if the transaction is well-formed RLP but has a value that no
// valid transaction has, such as a y parity of 27 or an amount of 257 bits: it must be
// discarded alone, without blame for its sender
// (devp2p/caps/eth.md#transaction-encoding-and-validity). The result then has Type, Raw, Binary
// and Size, and nothing else. Every other error means bytes that are not a transaction, or a
// sidecar that is none.
//
// The result is canonical through all its levels. What it says is not judged: whether the
// signature is valid is for [Tx.Sender] to find out, whether the sidecar belongs to the
// transaction for [Tx.CheckSidecar].
func DecodeTx(item []byte) (Tx, error) { return decodeTx(item, false) }

// DecodeTxElided decodes item as DecodeTx does, except that a sidecar must come without its
// blobs, as in PooledTransactions from eth/72 on (EIP-8070): an empty list stands for them.
func DecodeTxElided(item []byte) (Tx, error) { return decodeTx(item, true) }

func decodeTx(item []byte, elided bool) (Tx, error) {
	kind, content, rest, err := rlp.Split(item)
	switch {
	case err != nil:
		return Tx{}, err
	case len(rest) > 0:
		return Tx{}, &rlp.Error{Offset: len(item) - len(rest), Path: "tx", Err: rlp.ErrTrailing}
	case kind == rlp.List:
		return decodeLegacy(item)
	}
	tx, err := decodeTyped(content, elided)
	if tx.binary != nil {
		tx.Raw = item
	}
	return tx, err
}

// DecodeTxBinary decodes b, exactly one transaction in the form of which its hash and the
// root of a block's transactions are made (EIP-2718): type and payload, or the legacy list.
// Otherwise it does what [DecodeTx] does.
func DecodeTxBinary(b []byte) (Tx, error) {
	if len(b) > 0 && b[0] >= 0xc0 {
		return decodeLegacy(b)
	}
	return decodeTyped(b, false)
}

// decodeTyped decodes a type and a payload.
func decodeTyped(b []byte, elided bool) (Tx, error) {
	if !isEnvelope(b) {
		return Tx{}, &rlp.Error{Path: "tx", Err: ErrEnvelope}
	}
	if b[0] >= knownTypes {
		return Tx{Type: b[0], binary: b}, nil
	}
	tx := Tx{Type: b[0], Known: true, binary: b}
	c := rlp.Read(b)
	c.Skip("type") // a byte below 0x80 is an RLP item
	if tx.Type == BlobTx {
		tx.readBlob(&c, elided)
	} else {
		tx.readFields(&c)
	}
	if err := c.Done(); err != nil {
		return refused(&tx, b[1:], err)
	}
	return tx, nil
}

// isEnvelope reports whether b is a type and a payload. A legacy list inside a byte string
// is not one, nor is type 0: every transaction has one form only.
func isEnvelope(b []byte) bool { return len(b) > 1 && b[0] > 0 && b[0] <= maxTxType }

func decodeLegacy(item []byte) (Tx, error) {
	tx := Tx{Known: true, Raw: item, binary: item}
	c := rlp.Read(item)
	tx.readFields(&c)
	if err := c.Done(); err != nil {
		return refused(&tx, item, err)
	}
	tx.setLegacyChainID()
	return tx, nil
}
