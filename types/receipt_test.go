// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
)

// TestReceiptVectors turns each shape into the other, and computes the root from either.
func TestReceiptVectors(t *testing.T) {
	all := vectors(t, "receipts.txt")
	for _, v := range vectors(t, "blocks.txt") {
		if v["receipts"] == "" {
			continue
		}
		b, err := DecodeBlock(v.bytes(t, "block"))
		if err != nil {
			t.Fatal(err)
		}
		v["root"] = b.Header.ReceiptRoot.String()
		v["bloom"] = "0x" + hex.EncodeToString(b.Header.Bloom[:])
		all = append(all, v)
	}
	for _, v := range all {
		withBloom, flat := v.bytes(t, "receipts"), v.bytes(t, "flat")
		for shape, root := range map[string]func() (Hash, error){
			"with bloom": func() (Hash, error) { return ReceiptRoot(content(t, withBloom), DecodeReceipt) },
			"flat":       func() (Hash, error) { return ReceiptRoot(content(t, flat), DecodeFlatReceipt) },
		} {
			got, err := root()
			if err != nil {
				t.Errorf("%s, %s: %v", v["name"], shape, err)
			}
			v.check(t, "root", got)
		}

		items, flats := split(t, withBloom), split(t, flat)
		var bloom Bloom
		for i := range items {
			a, err := DecodeReceipt(items[i])
			if err != nil {
				t.Fatalf("%s %d: %v", v["name"], i, err)
			}
			b, err := DecodeFlatReceipt(flats[i])
			if err != nil {
				t.Fatalf("%s %d: %v", v["name"], i, err)
			}
			if a.Bloom != b.Bloom || a.Type != b.Type || a.CumulativeGas != b.CumulativeGas {
				t.Errorf("%s %d: %v with bloom, %v flat", v["name"], i, a, b)
			}
			if !bytes.Equal(a.AppendFlat(nil), flats[i]) || !bytes.Equal(b.AppendItem(nil), items[i]) {
				t.Errorf("%s %d: the shapes do not turn into each other", v["name"], i)
			}
			for at := range bloom {
				bloom[at] |= b.Bloom[at]
			}
			refuseCuts(t, v["name"], items[i], func(b []byte) error { _, err := DecodeReceipt(b); return err })
			refuseCuts(t, v["name"]+" flat", flats[i], func(b []byte) error { _, err := DecodeFlatReceipt(b); return err })
		}
		v.check(t, "bloom", "0x"+hex.EncodeToString(bloom[:]))
	}
}

func TestReceiptRefusals(t *testing.T) {
	b := func(n int) []byte { return rlp.AppendBytes(nil, make([]byte, n)) }
	topics := func(n int) []byte { return list(bytes.Repeat(b(32), n)) }
	gas, bloom := []byte{0x05}, b(256)
	for _, c := range []struct {
		name string
		item []byte
		want error
	}{
		{"empty envelope", []byte{0x80}, ErrEnvelope},
		{"type 0 in an envelope", rlp.AppendBytes(nil, append([]byte{0}, list(b(0), gas, bloom, list())...)), ErrEnvelope},
		{"two items", append(list(b(0), gas, bloom, list()), 0x80), rlp.ErrTrailing},
		{"status 2", list([]byte{0x02}, gas, bloom, list()), ErrOutcome},
		{"status 0 as a byte", list([]byte{0x00}, gas, bloom, list()), ErrOutcome},
		{"root of 31 bytes", list(b(31), gas, bloom, list()), ErrOutcome},
		{"gas of 65 bits", list(b(0), rlp.AppendBytes(nil, bytes.Repeat([]byte{1}, 9)), bloom, list()), rlp.ErrOverflow},
		{"bloom of 255 bytes", list(b(0), gas, b(255), list()), rlp.ErrLength},
		{"no bloom", list(b(0), gas, list()), rlp.ErrWantBytes},
		{"log without data", list(b(0), gas, bloom, list(list(b(20), topics(0)))), rlp.ErrMissing},
		{"log with a field more", list(b(0), gas, bloom, list(list(b(20), topics(0), b(0), b(0)))), rlp.ErrExtraItems},
		{"log of no address", list(b(0), gas, bloom, list(list(b(0), topics(0), b(0)))), rlp.ErrLength},
		{"topic of 20 bytes", list(b(0), gas, bloom, list(list(b(20), list(b(20)), b(0)))), rlp.ErrLength},
		{"five topics", list(b(0), gas, bloom, list(list(b(20), topics(5), b(0)))), ErrTopics},
	} {
		if _, err := DecodeReceipt(c.item); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if _, err := ReceiptRoot(c.item, DecodeReceipt); err == nil {
			t.Errorf("%s: has a root", c.name)
		}
	}
	for _, c := range []struct {
		name string
		item []byte
		want error
	}{
		{"a byte string", []byte{0x02}, rlp.ErrWantList},
		{"type 0x80", list([]byte{0x81, 0x80}, b(0), gas, list()), rlp.ErrOverflow},
		{"with bloom", list([]byte{0x02}, b(0), gas, bloom, list()), rlp.ErrWantList},
		{"five topics", list([]byte{0x02}, b(0), gas, list(list(b(20), topics(5), b(0)))), ErrTopics},
	} {
		if _, err := DecodeFlatReceipt(c.item); !errors.Is(err, c.want) {
			t.Errorf("flat, %s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestBloomSaysMay(t *testing.T) {
	var b Bloom
	item := unhex(t, "00000000219ab540356cbb839cbe05303d7705fa")
	if b.May(item) {
		t.Error("an empty filter may hold an item")
	}
	if b.Add(item); !b.May(item) || b.May(item[1:]) {
		t.Error("the filter is wrong about what was added")
	}
}

func FuzzReceipt(f *testing.F) {
	v := vectors(f, "receipts.txt")[0]
	for _, key := range []string{"receipts", "flat"} {
		for _, item := range split(f, v.bytes(f, key)) {
			f.Add(item)
		}
	}
	f.Fuzz(func(t *testing.T, item []byte) {
		if r, err := DecodeReceipt(item); err == nil {
			if again := r.AppendItem(nil); !bytes.Equal(again, item) {
				t.Fatalf("%x became %x", item, again)
			}
			if flat, err := DecodeFlatReceipt(r.AppendFlat(nil)); err != nil || !bytes.Equal(flat.AppendFlat(nil), r.AppendFlat(nil)) {
				t.Fatalf("flat: %v", err)
			}
		}
		if r, err := DecodeFlatReceipt(item); err == nil {
			if again := r.AppendFlat(nil); !bytes.Equal(again, item) {
				t.Fatalf("%x became %x", item, again)
			}
			if full, err := DecodeReceipt(r.AppendItem(nil)); err != nil || full.Bloom != r.Bloom || full.Type != r.Type {
				t.Fatalf("with bloom: %v", err)
			}
		}
	})
}
