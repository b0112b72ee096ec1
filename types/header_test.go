// SPDX-License-Identifier: Apache-2.0

package types

import (
	"testing"

	"github.com/holiman/uint256"
)

// TestMainnetGenesis builds the first header of all from its fields.
func TestMainnetGenesis(t *testing.T) {
	h := Header{
		UncleHash:   EmptyUncleHash,
		Root:        Hash(unhex(t, "d7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544")),
		TxRoot:      EmptyRoot,
		ReceiptRoot: EmptyRoot,
		Difficulty:  *uint256.NewInt(1 << 34),
		GasLimit:    5000,
		Extra:       unhex(t, "11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa"),
		Nonce:       [8]byte{7: 0x42},
	}
	const want = "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3"
	if h.Hash().String() != want {
		t.Errorf("hash of fields %v, want %v", h.Hash(), want)
	}
	decoded, err := DecodeHeader(h.Append(nil))
	if err != nil {
		t.Fatal(err)
	}
	if decoded.Hash().String() != want {
		t.Errorf("hash of raw %v, want %v", decoded.Hash(), want)
	}
}
