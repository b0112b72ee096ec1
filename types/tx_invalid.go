// SPDX-License-Identifier: Apache-2.0

package types

import (
	"fmt"
	"slices"

	"github.com/ethpeer/ethpeer/rlp"
)

// refused returns what decoding a transaction comes to if it fails with err: the error alone,
// or ErrInvalidTx, and the bytes, if only a value is at fault and the payload, the RLP of its
// fields, is well-formed.
//
// "Implementations must not disconnect peers for sending invalid transactions, and should
// simply discard them instead. This is because the peer might be operating under slightly
// different validation rules." (devp2p/caps/eth.md#transaction-encoding-and-validity)
//
// That does not go for a sidecar: the transaction's hash does not cover it, so a bad one says
// nothing about the transaction, and is the fault of the peer that sent it.
func refused(tx *Tx, payload []byte, err error) (Tx, error) {
	if tx.Sidecar.Present() || !ofField(problemOf(err)) || rlp.Valid(payload, rlp.MaxDepth) != nil {
		return Tx{}, err
	}
	return Tx{Type: tx.Type, Raw: tx.Raw, binary: tx.binary}, fmt.Errorf("%w: %w", ErrInvalidTx, err)
}

// ofField reports whether the problem is the value of a field.
func ofField(problem error) bool {
	return slices.Contains([]error{rlp.ErrOverflow, rlp.ErrLength, ErrAddress, ErrNoRecipient, ErrParity}, problem)
}
