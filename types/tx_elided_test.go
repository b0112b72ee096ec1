// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"errors"
	"testing"

	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
)

// The form of eth/72: everything of the sidecar but the blobs.
func TestElidedVectors(t *testing.T) {
	for _, v := range vectors(t, "sidecars.txt") {
		full, err := DecodeTxBinary(pooled(t, v))
		if err != nil {
			t.Fatal(err)
		}
		item := full.AppendElided([]byte("x"))[1:]
		tx, err := DecodeTxElided(item)
		if err != nil {
			t.Errorf("version %s: %v", v["version"], err)
			continue
		}
		v.check(t, "elided", Hash(keccak.Sum256(tx.Binary())))
		v.check(t, "elidedSize", tx.Size())
		v.check(t, "elidedSize", tx.ElidedSize())
		v.check(t, "elidedSize", full.ElidedSize())
		v.check(t, "hash", tx.Hash())
		v.check(t, "version", tx.Sidecar.Version)
		if !bytes.Equal(tx.Raw, item) || !bytes.Equal(tx.AppendElided(nil), item) || !bytes.Equal(tx.AppendItem(nil), item) {
			t.Errorf("version %s: elided again", v["version"])
		}
		if s := tx.Sidecar; !s.Present() || !s.Elided || s.Count != 2 || len(s.Blobs) != 0 || full.Sidecar.Elided {
			t.Errorf("version %s: elided %v, %d blobs in %d bytes", v["version"], s.Elided, s.Count, len(s.Blobs))
		}
		if err := tx.CheckSidecar(); err != nil {
			t.Errorf("version %s: %v", v["version"], err)
		}
		var scan Scan
		if err := scan.Txs(item, 1); err != nil || scan.Hash(0) != full.Hash() {
			t.Errorf("version %s: scan: %v", v["version"], err)
		}

		if _, err := DecodeTx(item); !errors.Is(err, ErrSidecarCount) {
			t.Errorf("version %s without blobs before eth/72: %v", v["version"], err)
		}
		if _, err := DecodeTxElided(full.AppendItem(nil)); !errors.Is(err, ErrNotElided) {
			t.Errorf("version %s with blobs in eth/72: %v", v["version"], err)
		}
		if tx, err := DecodeTxElided(v.bytes(t, "item")); err != nil || !errors.Is(tx.CheckSidecar(), ErrNoSidecar) {
			t.Errorf("version %s without sidecar: %v", v["version"], err)
		}
	}
}

// Nothing is different for transactions of other types.
func TestElidedWithoutSidecar(t *testing.T) {
	for kind := range uint8(knownTypes) {
		signed := sample(t, kind)
		item := signed.AppendItem(nil)
		tx, err := DecodeTxElided(item)
		if err != nil || tx.Hash() != signed.Hash() {
			t.Errorf("type %d: %v", kind, err)
		}
		if !bytes.Equal(tx.AppendElided(nil), item) || tx.ElidedSize() != tx.Size() || tx.Sidecar.Elided {
			t.Errorf("type %d became another transaction", kind)
		}
	}
}

func TestElidedRefusals(t *testing.T) {
	point := rlp.AppendBytes(nil, make([]byte, CommitmentSize))
	fields := sample(t, BlobTx).list
	for name, list := range map[string][]byte{
		"a proof too few":  list(fields, list(), list(point), list()),
		"cell proofs of 0": list(fields, []byte{1}, list(), list(point), list(point)),
	} {
		if _, err := DecodeTxElided(rlp.AppendBytes(nil, append([]byte{BlobTx}, list...))); !errors.Is(err, ErrSidecarCount) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzTxElided(f *testing.F) {
	seedTxs(f)
	for _, v := range vectors(f, "sidecars.txt") {
		full, err := DecodeTxBinary(pooled(f, v))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(full.AppendElided(nil))
	}
	f.Fuzz(func(t *testing.T, item []byte) {
		tx, err := DecodeTxElided(item)
		if err != nil {
			return
		}
		if !bytes.Equal(tx.AppendElided(nil), item) || tx.ElidedSize() != tx.Size() {
			t.Fatalf("%x became %x", item, tx.AppendElided(nil))
		}
		if tx.Hash() != keccak.Sum256(tx.AppendCanonical(nil)) {
			t.Fatal("hash is not that of the canonical bytes")
		}
		// The two forms have in common what has no blobs to leave out.
		full, err := DecodeTx(item)
		if elided := tx.Sidecar.Present() && tx.Sidecar.Count > 0; (err == nil) == elided {
			t.Fatalf("elided %v, in the form with blobs: %v", elided, err)
		}
		if err == nil && full.Hash() != tx.Hash() {
			t.Fatal("another hash in the form with blobs")
		}
	})
}
