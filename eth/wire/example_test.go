// SPDX-License-Identifier: Apache-2.0

package wire_test

import (
	"encoding/hex"
	"fmt"

	"github.com/ethpeer/ethpeer/eth/wire"
)

// Decode a message that was captured on an eth/68 connection.
func ExampleStorage_Decode() {
	payload, _ := hex.DecodeString("e6" + "02" + "c281b0" + "e1" + "a0" +
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")

	var storage wire.Storage // kept and used again: decoding then allocates nothing
	msg, err := storage.Decode(68, 0x08, payload)
	if err != nil {
		panic(err)
	}
	fmt.Println(msg.Kind())
	for a := range msg.(*wire.NewPooledTransactionHashes).All() {
		fmt.Printf("%v type %d, %d bytes\n", a.Hash, a.Type, a.Size)
	}
	// Output:
	// NewPooledTransactionHashes
	// 0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f type 2, 176 bytes
}
