// SPDX-License-Identifier: Apache-2.0

package types_test

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/types"
)

// Sign a transaction, and read it as a peer does that receives it.
func ExampleSign() {
	key, err := ecc.ParsePrivateKey(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		panic(err)
	}
	tx := types.Tx{Type: types.DynamicFeeTx, Nonce: 7, Gas: 21000, To: types.Address{19: 1}}
	tx.ChainID.SetUint64(1)
	tx.Tip.SetUint64(1e9)    // wei per gas
	tx.FeeCap.SetUint64(2e9) // wei per gas
	tx.Value.SetUint64(1e18) // wei
	signed, err := types.Sign(tx, key)
	if err != nil {
		panic(err)
	}

	received, err := types.DecodeTx(signed.Raw)
	if err != nil {
		panic(err)
	}
	from, err := received.Sender()
	fmt.Println(from, err)
	fmt.Println(received.Nonce, received.Hash() == signed.Hash())
	// Output:
	// 0x1a642f0e3c3af545e7acbd38b07251b3990914f1 <nil>
	// 7 true
}

// A transaction with an impossible value is not the fault of the peer that sent it.
func ExampleDecodeTx() {
	impossible := append([]byte{0xc9}, 0x80, 0x80, 0x80, 0x01, 0x80, 0x80, 0x80, 0x80, 0x80) // recipient of one byte
	_, err := types.DecodeTx(impossible)
	fmt.Println(errors.Is(err, types.ErrInvalidTx), err)

	_, err = types.DecodeTx(impossible[:5])
	fmt.Println(errors.Is(err, types.ErrInvalidTx), err)
	// Output:
	// true invalid transaction: rlp: tx.to: address is not of 20 bytes (byte 4)
	// false rlp: item is longer than the input (byte 0)
}
