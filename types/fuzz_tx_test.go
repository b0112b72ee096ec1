// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"errors"
	"testing"

	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
)

func seedTxs(f *testing.F) {
	for _, v := range vectors(f, "txs.txt") {
		f.Add(v.bytes(f, "item"))
	}
	for kind := range uint8(knownTypes) {
		tx := sample(f, kind)
		f.Add(tx.AppendItem(nil))
	}
	f.Add(rlp.AppendBytes(nil, append([]byte{BlobTx}, list(sample(f, BlobTx).list, list(), list(), list())...)))
	f.Add(rlp.AppendBytes(nil, append([]byte{BlobTx}, list(sample(f, BlobTx).list, []byte{1}, list(), list(), list())...)))
}

func FuzzTx(f *testing.F) {
	seedTxs(f)
	f.Fuzz(func(t *testing.T, item []byte) {
		tx, err := DecodeTx(item)
		if errors.Is(err, ErrInvalidTx) {
			if err := rlp.Valid(item, rlp.MaxDepth); err != nil {
				t.Fatalf("called invalid, is malformed: %v", err)
			}
			return
		}
		if err != nil {
			return
		}
		if err := rlp.Valid(item, 4); err != nil {
			t.Fatalf("not canonical: %v", err)
		}
		if !bytes.Equal(tx.AppendItem(nil), item) {
			t.Fatalf("%x became %x", item, tx.AppendItem(nil))
		}
		canonical := tx.AppendCanonical(nil)
		if tx.Known && !bytes.Equal(tx.encode(), canonical) {
			t.Fatalf("fields make %x of %x", tx.encode(), canonical)
		}
		if tx.Hash() != keccak.Sum256(canonical) {
			t.Fatal("hash is not that of the canonical bytes")
		}
		again, err := DecodeTxBinary(tx.Binary())
		if err != nil || again.Hash() != tx.Hash() || again.Size() != tx.Size() {
			t.Fatalf("binary form decodes to %v, %v", again, err)
		}
		from, err := tx.Sender()
		if same, err2 := again.Sender(); same != from || (err == nil) != (err2 == nil) {
			t.Fatalf("senders %v %v, %v %v", from, err, same, err2)
		}
		if err := tx.CheckSidecar(); err == nil && tx.Sidecar.Count != tx.BlobCount() {
			t.Fatal("sidecar of another count passes")
		}
		var s Scan
		if err := s.Txs(item, 1); err != nil || s.Hash(0) != tx.Hash() || !bytes.Equal(s.Item(0), item) {
			t.Fatalf("scan: %v", err)
		}
	})
}

// FuzzScan feeds lists, of which items may be bad in ways that a scan does not look for.
func FuzzScan(f *testing.F) {
	var all []byte
	for _, v := range vectors(f, "txs.txt") {
		all = append(all, v.bytes(f, "item")...)
	}
	f.Add(all)
	for _, v := range vectors(f, "headers.txt") {
		f.Add(v.bytes(f, "header"))
	}
	var s Scan
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := s.Txs(content, 100); err == nil {
			checkScan(t, &s, content, func(item []byte) (Hash, error) { tx, err := DecodeTx(item); return tx.Hash(), err })
		} else if s.Len() != 0 {
			t.Fatal("items after an error")
		}
		if err := s.Headers(content, 100); err == nil {
			checkScan(t, &s, content, func(item []byte) (Hash, error) { h, err := DecodeHeader(item); return h.Hash(), err })
		} else if s.Len() != 0 {
			t.Fatal("items after an error")
		}
	})
}

// checkScan checks that the items are the list's, and their hashes those that decoding gives.
func checkScan(t *testing.T, s *Scan, content []byte, hash func([]byte) (Hash, error)) {
	t.Helper()
	var joined []byte
	for i := range s.Len() {
		joined = append(joined, s.Item(i)...)
		if want, err := hash(s.Item(i)); err == nil && s.Hash(i) != want {
			t.Fatalf("item %d: hash %v, want %v", i, s.Hash(i), want)
		}
	}
	if !bytes.Equal(joined, content) {
		t.Fatal("the items are not the list")
	}
}
