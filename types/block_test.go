// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"errors"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
)

func TestBlockVectors(t *testing.T) {
	for _, v := range vectors(t, "blocks.txt") {
		raw := v.bytes(t, "block")
		b, err := DecodeBlock(raw)
		if err != nil {
			t.Errorf("%s: %v", v["name"], err)
			continue
		}
		v.check(t, "hash", b.Header.Hash())
		v.check(t, "number", b.Header.Number)
		v.check(t, "txs", b.Body.TxCount())
		v.check(t, "uncles", count(b.Body.Uncles))
		v.check(t, "withdrawals", count(b.Body.Withdrawals))
		if !b.Body.Matches(&b.Header) {
			t.Errorf("%s: roots %v %v %v do not match", v["name"], b.Body.TxRoot(), b.Body.UncleHash(), b.Body.WithdrawalsRoot())
		}
		if err := b.Body.CheckTxs(); err != nil {
			t.Errorf("%s: transactions: %v", v["name"], err)
		}
		if again := AppendBlock(nil, &b.Header, &b.Body); !bytes.Equal(again, raw) {
			t.Errorf("%s: parts make %x", v["name"], again)
		}
		b.Header.Raw = nil
		if again := AppendBlock(nil, &b.Header, &b.Body); !bytes.Equal(again, raw) {
			t.Errorf("%s: fields make %x", v["name"], again)
		}

		body, err := DecodeBody(b.Body.Append(nil))
		if err != nil || !body.Matches(&b.Header) || body.HasWithdrawals != b.Body.HasWithdrawals {
			t.Errorf("%s: body: %v, withdrawals %v", v["name"], err, body.HasWithdrawals)
		}
		if len(raw) < 2000 {
			refuseCuts(t, v["name"], raw, func(b []byte) error { _, err := DecodeBlock(b); return err })
			refuseCuts(t, v["name"]+", body", body.Raw, func(b []byte) error { _, err := DecodeBody(b); return err })
		}
	}
}

// TestBodyOfAnotherHeader changes one commitment of the header at a time.
func TestBodyOfAnotherHeader(t *testing.T) {
	b, err := DecodeBlock(vectors(t, "blocks.txt")[0].bytes(t, "block"))
	if err != nil {
		t.Fatal(err)
	}
	for name, bend := range map[string]func(h *Header, b *Body){
		"tx root":          func(h *Header, _ *Body) { h.TxRoot[0]++ },
		"uncle hash":       func(h *Header, _ *Body) { h.UncleHash[31]++ },
		"withdrawals root": func(h *Header, _ *Body) { h.WithdrawalsRoot[7]++ },
		"no withdrawals":   func(_ *Header, b *Body) { b.HasWithdrawals = false },
		"old header":       func(h *Header, _ *Body) { h.Optional = LondonFields },
	} {
		header, body := b.Header, b.Body
		if bend(&header, &body); body.Matches(&header) {
			t.Errorf("%s: body matches", name)
		}
	}
}

func TestEmptyBody(t *testing.T) {
	body, err := DecodeBody(list(list(), list(), list()))
	if err != nil {
		t.Fatal(err)
	}
	if !body.HasWithdrawals || body.TxRoot() != EmptyRoot || body.WithdrawalsRoot() != EmptyRoot || body.UncleHash() != EmptyUncleHash {
		t.Errorf("%v %v %v %v", body.HasWithdrawals, body.TxRoot(), body.WithdrawalsRoot(), body.UncleHash())
	}
	if old, err := DecodeBody(list(list(), list())); err != nil || old.HasWithdrawals {
		t.Errorf("without withdrawals: %v, %v", old.HasWithdrawals, err)
	}
}

func TestBodyRefusals(t *testing.T) {
	address := rlp.AppendBytes(nil, make([]byte, 20))
	uncle := new(Header).Append(nil)
	for _, c := range []struct {
		name string
		raw  []byte
		want error
	}{
		{"one list", list(list()), rlp.ErrMissing},
		{"four lists", list(list(), list(), list(), list()), rlp.ErrExtraItems},
		{"transactions as a byte string", list([]byte{0x80}, list()), rlp.ErrWantList},
		{"empty transaction", list(list([]byte{0x80}), list()), ErrEnvelope},
		{"transaction without a payload", list(list([]byte{0x02}), list()), ErrEnvelope},
		{"transaction not canonical", list(list([]byte{0x81, 0x02}), list()), rlp.ErrNotCanonical},
		{"uncle without fields", list(list(), list(list())), rlp.ErrMissing},
		{"two uncles", list(list(), list(uncle, uncle)), nil},
		{"three uncles", list(list(), list(uncle, uncle, uncle)), ErrUncles},
		{"withdrawal of three fields", list(list(), list(), list(list([]byte{1}, []byte{1}, address))), rlp.ErrMissing},
		{"withdrawal of five fields", list(list(), list(), list(list([]byte{1}, []byte{1}, address, []byte{1}, []byte{1}))), rlp.ErrExtraItems},
	} {
		if _, err := DecodeBody(c.raw); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestCheckTxs(t *testing.T) {
	item := func(tx Tx) []byte { return tx.AppendItem(nil) }
	withSidecar := rlp.AppendBytes(nil, append([]byte{BlobTx}, list(sample(t, BlobTx).list, list(), list(), list())...))
	for _, c := range []struct {
		name string
		txs  [][]byte
		want error
	}{
		{"good ones", [][]byte{item(sample(t, 0)), item(sample(t, 4)), rlp.AppendString(nil, "\x05a type to come")}, nil},
		{"a bad one", [][]byte{item(sample(t, 0)), list(bytes.Repeat([]byte{0x80}, 7), []byte{0x81, 0x80})}, rlp.ErrMissing},
		{"a sidecar", [][]byte{withSidecar}, ErrSidecarInBlock},
	} {
		body, err := DecodeBody(list(list(c.txs...), list()))
		if err != nil {
			t.Fatal(err)
		}
		if err := body.CheckTxs(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestWithdrawal(t *testing.T) {
	want := Withdrawal{Index: 1 << 40, Validator: 200, Address: Address{19: 1}, Amount: 0}
	raw := want.Append(nil)
	if got, err := DecodeWithdrawal(raw); err != nil || got != want {
		t.Errorf("%v, %v", got, err)
	}
	refuseCuts(t, "withdrawal", raw, func(b []byte) error { _, err := DecodeWithdrawal(b); return err })
}

func FuzzBlock(f *testing.F) {
	for _, v := range vectors(f, "blocks.txt") {
		f.Add(v.bytes(f, "block"))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := DecodeBlock(raw)
		if err != nil {
			return
		}
		if again := AppendBlock(nil, &b.Header, &b.Body); !bytes.Equal(again, raw) {
			t.Fatalf("parts make %x", again)
		}
		body, err := DecodeBody(b.Body.Append(nil))
		if err != nil || body.TxRoot() != b.Body.TxRoot() || body.UncleHash() != b.Body.UncleHash() || body.WithdrawalsRoot() != b.Body.WithdrawalsRoot() {
			t.Fatalf("the body alone is another: %v", err)
		}
		if body.CheckTxs() != nil {
			return
		}
		if err := rlp.Valid(raw, 8+maxUnknownDepth); err != nil {
			t.Fatalf("not canonical: %v", err)
		}
	})
}

func FuzzBody(f *testing.F) {
	for _, v := range vectors(f, "blocks.txt") {
		b, err := DecodeBlock(v.bytes(f, "block"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b.Body.Append(nil))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := DecodeBody(raw)
		if err != nil {
			return
		}
		b.Raw = nil
		if again := b.Append(nil); !bytes.Equal(again, raw) {
			t.Fatalf("lists make %x", again)
		}
		for c := rlp.Read(b.Withdrawals); c.More(); {
			item := c.Raw("")
			w, err := DecodeWithdrawal(item)
			if err != nil || !bytes.Equal(w.Append(nil), item) {
				t.Fatalf("withdrawal %x: %v, %v", item, w, err)
			}
		}
	})
}
