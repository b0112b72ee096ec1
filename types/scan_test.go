// SPDX-License-Identifier: Apache-2.0

package types

import (
	"errors"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
)

// txList is the content of a list of all transactions at hand, with and without sidecars,
// and of one of an unknown type.
func txList(t testing.TB) (content []byte) {
	t.Helper()
	for _, v := range vectors(t, "txs.txt") {
		content = append(content, v.bytes(t, "item")...)
	}
	for _, v := range vectors(t, "sidecars.txt") {
		content = rlp.AppendBytes(content, pooled(t, v))
	}
	return rlp.AppendBytes(content, []byte{0x05, 0x01, 0x02})
}

func headerList(t testing.TB) (content []byte) {
	t.Helper()
	for _, v := range vectors(t, "headers.txt") {
		content = append(content, v.bytes(t, "header")...)
	}
	return content
}

func TestScan(t *testing.T) {
	var s Scan
	for range 2 {
		txs, headers := txList(t), headerList(t)
		if err := s.Txs(txs, 1000); err != nil || s.Len() != count(txs) {
			t.Fatalf("%d transactions, %v", s.Len(), err)
		}
		checkScan(t, &s, txs, func(item []byte) (Hash, error) { tx, err := DecodeTx(item); return tx.Hash(), err })
		if err := s.Headers(headers, 1000); err != nil || s.Len() != count(headers) {
			t.Fatalf("%d headers, %v", s.Len(), err)
		}
		checkScan(t, &s, headers, func(item []byte) (Hash, error) { h, err := DecodeHeader(item); return h.Hash(), err })
	}
	if s.Reset(); s.Len() != 0 {
		t.Errorf("%d items after Reset", s.Len())
	}
}

func TestScanRefusals(t *testing.T) {
	var s Scan
	for _, c := range []struct {
		name    string
		headers bool
		content []byte
		limit   int
		want    error
	}{
		{"more transactions than allowed", false, txList(t), 5, rlp.ErrTooMany},
		{"more headers than allowed", true, headerList(t), 2, rlp.ErrTooMany},
		{"transactions where none are allowed", false, []byte{0xc0}, 0, rlp.ErrTooMany},
		{"header as a byte string", true, []byte{0x80}, 9, rlp.ErrWantList},
		{"cut header", true, headerList(t)[:600], 9, rlp.ErrTruncated},
		{"empty transaction", false, []byte{0xc0, 0x80}, 9, ErrEnvelope},
		{"transaction of a single byte", false, []byte{0x03}, 9, ErrEnvelope},
		{"cut transaction", false, txList(t)[:50], 9, rlp.ErrTruncated},
		{"transaction not canonical", false, []byte{0x81, 0x03}, 9, rlp.ErrNotCanonical},
	} {
		scan := s.Txs
		if c.headers {
			scan = s.Headers
		}
		if err := scan(c.content, c.limit); !errors.Is(err, c.want) || s.Len() != 0 {
			t.Errorf("%s: %v with %d items, want %v", c.name, err, s.Len(), c.want)
		}
	}
	if err := s.Txs(nil, 0); err != nil || s.Len() != 0 {
		t.Errorf("empty list: %v", err)
	}
}

// TestAllocations holds the package to what its comments promise.
func TestAllocations(t *testing.T) {
	var s Scan
	txs, headers := txList(t), headerList(t)
	item := vectors(t, "txs.txt")[0].bytes(t, "item")
	blob := rlp.AppendBytes(nil, pooled(t, vectors(t, "sidecars.txt")[1]))
	block := vectors(t, "blocks.txt")[0].bytes(t, "block")
	receipt := split(t, vectors(t, "receipts.txt")[0].bytes(t, "receipts"))[4]
	flat := split(t, vectors(t, "receipts.txt")[0].bytes(t, "flat"))[4]
	setCode := sample(t, SetCodeTx)
	for _, c := range []struct {
		name string
		run  func() error
	}{
		{"scan transactions", func() error { return s.Txs(txs, 1000) }},
		{"scan headers", func() error { return s.Headers(headers, 1000) }},
		{"decode a transaction", func() error { _, err := DecodeTx(item); return err }},
		{"decode one with lists", func() error { _, err := DecodeTx(setCode.Raw); return err }},
		{"decode one with a sidecar, check it, hash it", func() error {
			tx, err := DecodeTx(blob)
			if err != nil || tx.Hash().IsZero() {
				return err
			}
			return tx.CheckSidecar()
		}},
		{"decode and hash a transaction", func() error {
			tx, err := DecodeTx(item)
			if tx.Hash().IsZero() {
				return ErrSignature
			}
			return err
		}},
		{"decode a block", func() error { _, err := DecodeBlock(block); return err }},
		{"decode a receipt", func() error { _, err := DecodeReceipt(receipt); return err }},
		{"decode a flat receipt", func() error { _, err := DecodeFlatReceipt(flat); return err }},
	} {
		if n := testing.AllocsPerRun(50, func() {
			if err := c.run(); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
}

func BenchmarkScanTxs(b *testing.B) {
	item := vectors(b, "txs.txt")[0].bytes(b, "item")
	var content []byte
	for range 200 {
		content = append(content, item...)
	}
	var s Scan
	for b.Loop() {
		if err := s.Txs(content, 200); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeTx(b *testing.B) {
	item := sample(b, DynamicFeeTx).Raw
	for b.Loop() {
		if _, err := DecodeTx(item); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSender(b *testing.B) {
	tx := sample(b, DynamicFeeTx)
	for b.Loop() {
		if _, err := tx.Sender(); err != nil {
			b.Fatal(err)
		}
	}
}
