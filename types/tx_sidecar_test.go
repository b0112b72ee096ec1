// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
)

// pooled makes the consensus bytes of a vector's transaction with its sidecar.
func pooled(t testing.TB, v vector) []byte {
	t.Helper()
	tx, err := DecodeTx(v.bytes(t, "item"))
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte{BlobTx}, list(pooledFields(t, v, &tx)...)...)
}

// pooledFields returns the items of the list that holds a transaction and its sidecar.
func pooledFields(t testing.TB, v vector, tx *Tx) [][]byte {
	t.Helper()
	times := func(n int, b []byte) []byte {
		return list(slices.Repeat([][]byte{rlp.AppendBytes(nil, b)}, n)...)
	}
	fields := [][]byte{tx.list}
	if v["version"] == "1" {
		fields = append(fields, []byte{0x01})
	}
	return append(fields,
		times(2, make([]byte, BlobSize)),
		times(2, v.bytes(t, "commitment")),
		times(v.int(t, "proofs"), v.bytes(t, "proof")))
}

func TestSidecarVectors(t *testing.T) {
	for _, v := range vectors(t, "sidecars.txt") {
		binary := pooled(t, v)
		tx, err := DecodeTx(rlp.AppendBytes(nil, binary))
		if err != nil {
			t.Errorf("version %s: %v", v["version"], err)
			continue
		}
		v.check(t, "hash", tx.Hash())
		v.check(t, "size", tx.Size())
		v.check(t, "version", tx.Sidecar.Version)
		v.check(t, "pooled", Hash(keccak.Sum256(tx.Binary())))
		if from, err := tx.Sender(); err != nil || from.String() != v["sender"] {
			t.Errorf("version %s: sender %v, %v", v["version"], from, err)
		}
		if err := tx.CheckSidecar(); err != nil || tx.Sidecar.Count != 2 || tx.BlobCount() != 2 {
			t.Errorf("version %s: %d blobs, %d paid for, %v", v["version"], tx.Sidecar.Count, tx.BlobCount(), err)
		}

		bare, err := DecodeTxBinary(tx.AppendCanonical(nil))
		if err != nil {
			t.Errorf("version %s without sidecar: %v", v["version"], err)
			continue
		}
		if !bytes.Equal(bare.AppendItem(nil), v.bytes(t, "item")) || bare.Hash() != tx.Hash() {
			t.Errorf("version %s without sidecar is another transaction", v["version"])
		}
		if err := bare.CheckSidecar(); !errors.Is(err, ErrNoSidecar) || bare.Sidecar.Present() {
			t.Errorf("version %s without sidecar: %v", v["version"], err)
		}
	}
}

func TestSidecarRefusals(t *testing.T) {
	long := func(n int) []byte { return rlp.AppendBytes(nil, make([]byte, n)) }
	hash := []byte{0x33}
	for _, v := range vectors(t, "sidecars.txt") {
		tx, err := DecodeTx(v.bytes(t, "item"))
		if err != nil {
			t.Fatal(err)
		}
		version := v.int(t, "version")
		for _, c := range []struct {
			name string
			bend func(fields [][]byte, blobs int) [][]byte // blobs: where they are in the list
			want error
		}{
			{"version 2", func(f [][]byte, at int) [][]byte { return append([][]byte{f[0], {0x02}}, f[at:]...) }, ErrSidecarVersion},
			{"version 257", func(f [][]byte, at int) [][]byte {
				return append([][]byte{f[0], {0x82, 0x01, 0x01}}, f[at:]...)
			}, ErrSidecarVersion},
			{"version 0 in words", func(f [][]byte, at int) [][]byte { return append([][]byte{f[0], {0x80}}, f[at:]...) }, ErrSidecarVersion},
			{"no proofs", func(f [][]byte, at int) [][]byte { return f[:at+2] }, rlp.ErrMissing},
			{"no blobs", func(f [][]byte, at int) [][]byte { return f[:at] }, rlp.ErrMissing},
			{"a list more", func(f [][]byte, _ int) [][]byte { return append(f, list()) }, rlp.ErrExtraItems},
			{"fewer blobs", func(f [][]byte, at int) [][]byte { f[at] = list(long(BlobSize)); return f }, ErrSidecarCount},
			{"fewer commitments", func(f [][]byte, at int) [][]byte { f[at+1] = list(long(48)); return f }, ErrSidecarCount},
			{"fewer proofs", func(f [][]byte, at int) [][]byte { f[at+2] = list(long(48)); return f }, ErrSidecarCount},
			{"short blob", func(f [][]byte, at int) [][]byte { f[at] = list(long(BlobSize - 1)); return f }, rlp.ErrLength},
			{"short commitment", func(f [][]byte, at int) [][]byte { f[at+1] = list(long(47)); return f }, rlp.ErrLength},
			{"long proof", func(f [][]byte, at int) [][]byte { f[at+2] = list(long(49)); return f }, rlp.ErrLength},
			{"proof as a list", func(f [][]byte, at int) [][]byte { f[at+2] = list(list()); return f }, rlp.ErrWantBytes},
			{"transaction cut", func(f [][]byte, _ int) [][]byte { f[0] = list(hash); return f }, rlp.ErrMissing},
		} {
			fields := c.bend(pooledFields(t, v, &tx), 1+version)
			_, err := DecodeTxBinary(append([]byte{BlobTx}, list(fields...)...))
			if !errors.Is(err, c.want) {
				t.Errorf("sidecar version %d, %s: %v, want %v", version, c.name, err, c.want)
			}
		}
	}
}

// TestSidecarOfAnotherTransaction is what the conformance suite calls a mismatched sidecar.
func TestSidecarOfAnotherTransaction(t *testing.T) {
	for _, v := range vectors(t, "sidecars.txt") {
		binary := pooled(t, v)
		at := bytes.Index(binary, v.bytes(t, "commitment"))
		binary[at] ^= 0xff
		tx, err := DecodeTxBinary(binary)
		if err != nil {
			t.Fatal(err)
		}
		if err := tx.CheckSidecar(); !errors.Is(err, ErrCommitment) {
			t.Errorf("version %s, first commitment changed: %v", v["version"], err)
		}
		v.check(t, "hash", tx.Hash()) // it remains the same transaction
	}
	for _, n := range []int{1, 3} { // blob hashes for two blobs
		v := vectors(t, "sidecars.txt")[0]
		tx, err := DecodeTx(v.bytes(t, "item"))
		if err != nil {
			t.Fatal(err)
		}
		tx.BlobHashes = bytes.Repeat(tx.BlobHashes[:33], n)
		signed, err := Sign(tx, testKey(t))
		if err != nil {
			t.Fatal(err)
		}
		tx, err = DecodeTxBinary(append([]byte{BlobTx}, list(pooledFields(t, v, &signed)...)...))
		if err != nil {
			t.Fatal(err)
		}
		if err := tx.CheckSidecar(); !errors.Is(err, ErrCommitment) {
			t.Errorf("%d hashes for two blobs: %v", n, err)
		}
	}
}
