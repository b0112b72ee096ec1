// SPDX-License-Identifier: Apache-2.0

package types

import (
	"fmt"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/rlp"
)

// Sign returns a transaction of t's Type with the fields of t that this type has, signed by key. A
// legacy transaction is protected unless ChainID is 0 (EIP-155). The result is decoded from new
// bytes and shares none with t. It has no sidecar.
//
// Sign fails with [ErrUnknownType], or as [DecodeTx] does for bad fields, such as a malformed
// AccessList.
func Sign(t Tx, key *ecc.PrivateKey) (Tx, error) {
	if t.Type >= knownTypes {
		return Tx{}, ErrUnknownType
	}
	t.V.Clear()
	if t.Type == LegacyTx && !t.ChainID.IsZero() {
		t.V.Lsh(&t.ChainID, 1)
		t.V.AddUint64(&t.V, 35)
	}
	t.signed = t.appendFields(nil)
	sig := key.Sign(t.signingHash())
	t.R.SetBytes(sig[:32])
	t.S.SetBytes(sig[32:64])
	if t.Type == LegacyTx && t.ChainID.IsZero() {
		t.V.SetUint64(27)
	}
	t.V.Add(&t.V, uint256.NewInt(uint64(sig[64])))
	item := t.encode()
	if t.Type != LegacyTx {
		item = rlp.AppendBytes(nil, item)
	}
	signed, err := DecodeTx(item)
	if err != nil {
		return Tx{}, fmt.Errorf("sign: %w", err)
	}
	return signed, nil
}
