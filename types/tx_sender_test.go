// SPDX-License-Identifier: Apache-2.0

package types

import (
	"errors"
	"testing"

	"github.com/holiman/uint256"
)

// What needs no curve is refused before the digest is made; only a point that is none takes a recovery.
func TestSenderRefusals(t *testing.T) {
	for kind := range uint8(knownTypes) {
		for _, c := range []struct {
			name string
			bend func(tx *Tx)
			dear bool // only the curve shows it
		}{
			{"r is 0", func(tx *Tx) { tx.R.Clear() }, false},
			{"s is 0", func(tx *Tx) { tx.S.Clear() }, false},
			{"r is the order", func(tx *Tx) { tx.R.Set(&order) }, false},
			{"r is the order less 1", func(tx *Tx) { tx.R.SubUint64(&order, 1) }, true},
			{"r is 2^256-1", func(tx *Tx) { tx.R.SetAllOne() }, false},
			{"s in the upper half", func(tx *Tx) { tx.S.Sub(&order, &tx.S) }, false},
			{"s is half of the order, and 1", func(tx *Tx) { tx.S.AddUint64(&halfOrder, 1) }, false},
			{"s is the order", func(tx *Tx) { tx.S.Set(&order) }, false},
			{"r is of no point", func(tx *Tx) { tx.R.SetUint64(5) }, true},
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
			if _, err := bent.Signature(); (err == nil) != c.dear || err != nil && !errors.Is(err, ErrSignature) {
				t.Errorf("type %d, %s: signature: %v", kind, c.name, err)
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
	if half.Rsh(&order, 1); !half.Eq(&halfOrder) || order.Hex() != "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141" {
		t.Errorf("the order is %s, and half of it %s", order.Hex(), half.Hex())
	}
}

// A signature is enough to recover the sender, without the transaction; s may be half of the order.
func TestSignatureIsEnough(t *testing.T) {
	for kind := range uint8(knownTypes) {
		tx := sample(t, kind)
		want, err := tx.Sender()
		if err != nil {
			t.Fatal(err)
		}
		sig, err := tx.Signature()
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(10, func() { _, _ = tx.Signature() }); n != 0 {
			t.Errorf("type %d: making the signature allocates %v times", kind, n)
		}
		clear(tx.binary)
		if from, err := sig.Sender(); err != nil || from != want {
			t.Errorf("type %d: sender %v, %v; want %v", kind, from, err, want)
		}
		tx = sample(t, kind)
		tx.S.Set(&halfOrder)
		if _, err := tx.Signature(); err != nil {
			t.Errorf("type %d: s is half of the order: %v", kind, err)
		}
	}
	if _, err := (&Tx{Type: 5}).Signature(); err != ErrUnknownType {
		t.Errorf("unknown type: %v", err)
	}
}
