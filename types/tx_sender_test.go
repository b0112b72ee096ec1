// SPDX-License-Identifier: Apache-2.0

package types

import (
	"errors"
	"testing"

	"github.com/holiman/uint256"
)

// order is the order of secp256k1.
var order = uint256.MustFromHex("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")

func TestSenderRefusals(t *testing.T) {
	for kind := range uint8(knownTypes) {
		for _, c := range []struct {
			name string
			bend func(tx *Tx)
		}{
			{"r is 0", func(tx *Tx) { tx.R.Clear() }},
			{"s is 0", func(tx *Tx) { tx.S.Clear() }},
			{"r is the order", func(tx *Tx) { tx.R.Set(order) }},
			{"r is 2^256-1", func(tx *Tx) { tx.R.SetAllOne() }},
			{"s in the upper half", func(tx *Tx) { tx.S.Sub(order, &tx.S) }},
			{"s is the order", func(tx *Tx) { tx.S.Set(order) }},
			{"r is of no point", func(tx *Tx) { tx.R.SetUint64(5) }},
		} {
			tx := sample(t, kind)
			c.bend(&tx)
			bent, err := DecodeTxBinary(tx.encode())
			if err != nil {
				t.Fatalf("type %d, %s: %v", kind, c.name, err)
			}
			if from, err := bent.Sender(); !errors.Is(err, ErrSignature) {
				t.Errorf("type %d, %s: sender %v, %v", kind, c.name, from, err)
			}
		}
	}
}

// TestLegacyV checks which V a legacy transaction may have, and which chain it names.
func TestLegacyV(t *testing.T) {
	for _, c := range []struct {
		v         string
		protected bool
		chain     string
		ok        bool
	}{
		{"0", false, "0", false},
		{"1", false, "0", false},
		{"26", false, "0", false},
		{"27", false, "0", true},
		{"28", false, "0", true},
		{"29", false, "0", false},
		{"34", false, "0", false},
		{"35", true, "0", true},
		{"36", true, "0", true},
		{"37", true, "1", true},
		{"38", true, "1", true},
		{"2709", true, "1337", true},
		{"18446744073709551652", true, "9223372036854775808", true}, // 2^64 + 36
		{
			"115792089237316195423570985008687907853269984665640564039457584007913129639935", true,
			"57896044618658097711785492504343953926634992332820282019728792003956564819950", true,
		},
	} {
		tx := sample(t, LegacyTx)
		if err := tx.V.SetFromDecimal(c.v); err != nil {
			t.Fatal(err)
		}
		bent, err := DecodeTxBinary(tx.encode())
		if err != nil {
			t.Fatalf("v %s: %v", c.v, err)
		}
		if bent.Protected() != c.protected || bent.ChainID.Dec() != c.chain {
			t.Errorf("v %s: protected %v, chain %s", c.v, bent.Protected(), bent.ChainID.Dec())
		}
		if _, ok := bent.parity(); ok != c.ok {
			t.Errorf("v %s: parity known: %v", c.v, ok)
		}
		if _, err := bent.Sender(); !c.ok && !errors.Is(err, ErrSignature) {
			t.Errorf("v %s: sender: %v", c.v, err)
		}
	}
}

func TestHalfOrder(t *testing.T) {
	var half uint256.Int
	if half.Rsh(order, 1); !half.Eq(&halfOrder) {
		t.Errorf("half of the order is %s", half.Hex())
	}
}
