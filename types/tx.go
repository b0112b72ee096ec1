// SPDX-License-Identifier: Apache-2.0

package types

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/rlp"
)

// The known types of transactions.
const (
	LegacyTx     = 0 // no envelope
	AccessListTx = 1 // EIP-2930
	DynamicFeeTx = 2 // EIP-1559
	BlobTx       = 3 // EIP-4844
	SetCodeTx    = 4 // EIP-7702
	knownTypes   = 5
	maxTxType    = 0x7f // EIP-2718
)

// A Tx is a transaction (devp2p/caps/eth.md#transaction-encoding-and-validity).
//
// A decoded Tx borrows all its slices from the input. Its hash and encodings are made from the
// input's bytes; changing a field does not change them. [Sign] makes a Tx from fields.
type Tx struct {
	Type  uint8
	Known bool // the type is one of 0 to 4; a Tx of another type has only Type and its bytes

	ChainID    uint256.Int // 0 for a legacy transaction that is valid on every chain (EIP-155)
	Nonce      uint64
	Tip        uint256.Int // most wei per gas for the block's producer (EIP-1559); types 0 and 1: the gas price
	FeeCap     uint256.Int // most wei per gas in total (EIP-1559); types 0 and 1: the gas price
	Gas        uint64      // limit
	Create     bool        // there is no recipient: the transaction creates a contract
	To         Address
	Value      uint256.Int // wei
	Data       []byte
	AccessList []byte      // types 1 and up: content of the RLP list of [address, [key, ...]]
	BlobFeeCap uint256.Int // type 3: most wei per blob gas
	BlobHashes []byte      // type 3: content of the RLP list of versioned hashes, 33 bytes each
	AuthList   []byte      // type 4: content of the RLP list of [chainID, address, nonce, yParity, r, s]

	V, R, S uint256.Int // V is the y parity; of a legacy transaction see [Tx.Protected]

	Sidecar Sidecar // type 3, if the input has it

	// Raw is the transaction as lists of transactions have it, with its RLP header: a list for
	// a legacy transaction, else a byte string. It is nil for a typed one from
	// [DecodeTxBinary].
	Raw []byte

	binary []byte // consensus bytes: type and payload, with the sidecar; or the legacy list
	list   []byte // the list of the fields, without the sidecar
	signed []byte // content of list before the signature
}

// DecodeTx decodes item, exactly one transaction as messages and blocks list it. A blob
// transaction may have its sidecar, as in PooledTransactions
// (devp2p/caps/eth.md#pooledtransactions-0x0a). It allocates nothing.
//
// The error wraps [ErrInvalidTx] if the transaction is well-formed RLP but has a value that no
// valid transaction has, such as a y parity of 27 or an amount of 257 bits: it must be
// discarded alone, without blame for its sender
// (devp2p/caps/eth.md#transaction-encoding-and-validity). The result then has Type, Raw, Binary
// and Size, and nothing else. Every other error means that the bytes are not a transaction, or that
// the sidecar is bad.
//
// The result is canonical on all levels. [Tx.Sender] verifies its signature, and [Tx.CheckSidecar]
// that the sidecar belongs to it.
func DecodeTx(item []byte) (Tx, error) { return decodeTx(item, false) }

// DecodeTxElided decodes item as [DecodeTx] does, but a sidecar must have an empty list in place of
// its blobs, as in PooledTransactions from eth/72 on (EIP-8070).
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

// DecodeTxBinary decodes b, exactly one transaction in consensus form, from which its hash and a
// block's root are made (EIP-2718): type and payload, or the legacy list. Otherwise it does what
// [DecodeTx] does.
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

// isEnvelope reports whether b is a type and a payload (EIP-2718). A legacy list in a byte string
// is not, and neither is type 0, because every transaction has one form only.
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
