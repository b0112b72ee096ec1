// SPDX-License-Identifier: Apache-2.0

package event

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/types"
)

// Kinds of events about transactions.
const (
	KindTx       Kind = "tx"
	KindSighting Kind = "sighting"
)

// Tx reports a transaction when it is first seen. If only its hash was known then, a second
// Tx with Update set reports its body.
type Tx struct {
	At
	Source
	Hash   types.Hash
	Type   uint8  // EIP-2718
	Typed  bool   // Type is known; eth/65 to eth/67 announce bare hashes (EIP-5793)
	Size   uint64 // consensus encoding, bytes, of a blob transaction with its sidecar (EIP-4844) if that is known; 0 = not known
	Via    Via
	Update bool
	Body   *TxBody // nil until the body is known
}

// TxBody is the content of a transaction.
type TxBody struct {
	From   types.Address  // recovered from the signature
	To     *types.Address // nil creates a contract
	Nonce  uint64
	Value  uint256.Int // wei
	Gas    uint64
	Tip    uint256.Int // wei per gas (EIP-1559); the gas price for types 0 and 1
	FeeCap uint256.Int // wei per gas (EIP-1559); the gas price for types 0 and 1
}

// noBody stands for a body that is not known.
var noBody TxBody

// Kind returns KindTx.
func (Tx) Kind() Kind { return KindTx }

// Visit hands the fields to f.
func (e Tx) Visit(f Fields) {
	f.Hash("hash", e.Hash, true)
	f.Uint("type", uint64(e.Type), e.Typed)
	f.Uint("size", e.Size, e.Size > 0)
	f.Text("via", string(e.Via), true)
	e.Source.visit(f)
	f.Flag("update", e.Update)
	body, known := e.Body, e.Body != nil
	if !known {
		body = &noBody
	}
	f.Address("from", &body.From, known)
	f.Address("to", body.To, known)
	f.Uint("nonce", body.Nonce, known)
	f.Amount("value", &body.Value, known)
	f.Uint("gas", body.Gas, known)
	f.Amount("tip", &body.Tip, known)
	f.Amount("feecap", &body.FeeCap, known)
}

// Sighting reports that a peer sent or announced a transaction that was seen before.
type Sighting struct {
	At
	Hash types.Hash
	Via  Via
	Peer enr.ID
}

// Kind returns KindSighting.
func (Sighting) Kind() Kind { return KindSighting }

// Visit hands the fields to f.
func (e Sighting) Visit(f Fields) {
	f.Hash("hash", e.Hash, true)
	f.Text("via", string(e.Via), true)
	f.ID("peer", e.Peer, true)
}
