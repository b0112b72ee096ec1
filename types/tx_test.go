// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"errors"
	"testing"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
)

func TestTxVectors(t *testing.T) {
	for _, v := range vectors(t, "txs.txt") {
		item := v.bytes(t, "item")
		tx, err := DecodeTx(item)
		if err != nil {
			t.Errorf("%s: %v", v["name"], err)
			continue
		}
		checkTx(t, v, &tx)
		if !bytes.Equal(tx.Raw, item) || !bytes.Equal(tx.AppendItem(nil), item) {
			t.Errorf("%s: the bytes have changed", v["name"])
		}
		if again := tx.encode(); !bytes.Equal(again, tx.Binary()) {
			t.Errorf("%s: fields make %x of %x", v["name"], again, tx.Binary())
		}

		fromBinary, err := DecodeTxBinary(tx.Binary())
		if err != nil {
			t.Errorf("%s: %v", v["name"], err)
			continue
		}
		checkTx(t, v, &fromBinary)
		if !bytes.Equal(fromBinary.AppendItem(nil), item) {
			t.Errorf("%s: binary form makes item %x", v["name"], fromBinary.AppendItem(nil))
		}
		refuseCuts(t, v["name"], item, func(b []byte) error { _, err := DecodeTx(b); return err })
		refuseCuts(t, v["name"], tx.Binary(), func(b []byte) error { _, err := DecodeTxBinary(b); return err })
	}
}

// checkTx compares a transaction with what go-ethereum says of it.
func checkTx(t *testing.T, v vector, tx *Tx) {
	t.Helper()
	v.check(t, "type", tx.Type)
	v.check(t, "hash", tx.Hash())
	v.check(t, "chainid", tx.ChainID.Dec())
	v.check(t, "nonce", tx.Nonce)
	v.check(t, "tip", tx.Tip.Dec())
	v.check(t, "feecap", tx.FeeCap.Dec())
	v.check(t, "gas", tx.Gas)
	v.check(t, "value", tx.Value.Dec())
	v.check(t, "size", tx.Size())
	v.check(t, "blobs", tx.BlobCount())
	to := "none"
	if !tx.Create {
		to = tx.To.String()
	}
	v.check(t, "to", to)
	sender, err := tx.Sender()
	if err != nil {
		t.Errorf("%s: sender: %v", v["name"], err)
	}
	v.check(t, "sender", sender)
}

// TestEIP155 is the example of EIP-155.
func TestEIP155(t *testing.T) {
	key, err := ecc.ParsePrivateKey(bytes.Repeat([]byte{0x46}, 32))
	if err != nil {
		t.Fatal(err)
	}
	tx := Tx{Nonce: 9, Gas: 21000, To: Address(bytes.Repeat([]byte{0x35}, 20))}
	tx.ChainID.SetUint64(1)
	tx.FeeCap.SetUint64(20e9)
	tx.Value.SetUint64(1e18)
	signed, err := Sign(tx, key)
	if err != nil {
		t.Fatal(err)
	}
	want := unhex(t, "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025"+
		"a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"+
		"a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83")
	if !bytes.Equal(signed.Binary(), want) {
		t.Errorf("signed %x, want %x", signed.Binary(), want)
	}
	if from, err := signed.Sender(); from.String() != "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f" {
		t.Errorf("sender %v, %v", from, err)
	}
}

func TestUnknownTypesAreOpaque(t *testing.T) {
	for _, binary := range [][]byte{{0x05, 0x00}, {0x7e, 0xc0}, append([]byte{0x7f}, make([]byte, 5000)...), {0x05, 0xc2, 0x81, 0x01}} {
		item := rlp.AppendBytes(nil, binary)
		tx, err := DecodeTx(item)
		if err != nil {
			t.Errorf("%x: %v", binary[:2], err)
			continue
		}
		if tx.Known || tx.Type != binary[0] || tx.Hash() != keccak.Sum256(binary) || tx.Size() != uint64(len(binary)) {
			t.Errorf("%x: known %v, type %d, hash %v, size %d", binary[:2], tx.Known, tx.Type, tx.Hash(), tx.Size())
		}
		if !bytes.Equal(tx.Raw, item) || !bytes.Equal(tx.AppendCanonical(nil), binary) {
			t.Errorf("%x: the bytes have changed", binary[:2])
		}
		if _, err := tx.Sender(); !errors.Is(err, ErrUnknownType) {
			t.Errorf("%x: sender: %v", binary[:2], err)
		}
	}
}

func TestTxEnvelopeRefusals(t *testing.T) {
	legacy := vectors(t, "txs.txt")[0].bytes(t, "item")
	for _, c := range []struct {
		name string
		item []byte
		want error
	}{
		{"nothing", nil, rlp.ErrTruncated},
		{"empty byte string", []byte{0x80}, ErrEnvelope},
		{"a type without a payload", []byte{0x02}, ErrEnvelope},
		{"type 0 in an envelope", rlp.AppendBytes(nil, append([]byte{0}, legacy...)), ErrEnvelope},
		{"legacy list in a byte string", rlp.AppendBytes(nil, legacy), ErrEnvelope},
		{"reserved type 0x80", rlp.AppendBytes(nil, []byte{0x80, 0xc0}), ErrEnvelope},
		{"type 1 with a byte string", rlp.AppendBytes(nil, []byte{0x01, 0x80}), rlp.ErrWantList},
		{"trailing byte after the item", append(bytes.Clone(legacy), 0), rlp.ErrTrailing},
		{"trailing byte in the envelope", rlp.AppendBytes(nil, []byte{0x02, 0xc0, 0x00}), rlp.ErrMissing},
		{"long form of a short size", append([]byte{0xf8, 0x20}, make([]byte, 32)...), rlp.ErrNotCanonical},
	} {
		if _, err := DecodeTx(c.item); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}
