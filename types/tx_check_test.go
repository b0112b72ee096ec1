// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
)

// Each rule refuses what is just beyond it, of each type that has it, and nothing that is just within.
func TestCheck(t *testing.T) {
	blobHash := rlp.AppendBytes(nil, append([]byte{versionedHashKZG}, bytes.Repeat([]byte{0xbb}, 31)...))
	otherHash := rlp.AppendBytes(nil, append([]byte{versionedHashKZG + 1}, bytes.Repeat([]byte{0xbb}, 31)...))
	for kind := range uint8(knownTypes) {
		for _, c := range []struct {
			name  string
			types []uint8 // nil = all
			bend  func(tx *Tx)
			want  error
		}{
			{"as it is", nil, func(*Tx) {}, nil},
			{"least gas", nil, func(tx *Tx) { tx.Gas = MinGas }, nil},
			{"too little gas", nil, func(tx *Tx) { tx.Gas = MinGas - 1 }, errGas},
			{"enough from Amsterdam on", nil, func(tx *Tx) { tx.Gas = 12_000 }, nil}, // EIP-2780
			{"enough in no fork", nil, func(tx *Tx) { tx.Gas = 11_999 }, errGas},
			{"no gas", nil, func(tx *Tx) { tx.Gas = 0 }, errGas},
			{"largest nonce", nil, func(tx *Tx) { tx.Nonce = math.MaxUint64 - 1 }, nil},
			{"nonce too large", nil, func(tx *Tx) { tx.Nonce = math.MaxUint64 }, errNonce},
			{"all for the tip", nil, func(tx *Tx) { tx.Tip = tx.FeeCap }, nil},
			{"more than all", []uint8{2, 3, 4}, func(tx *Tx) { tx.Tip.AddUint64(&tx.FeeCap, 1) }, errTip},
			{"no blobs", []uint8{3}, func(tx *Tx) { tx.BlobHashes = nil }, errNoBlobs},
			{"another hash", []uint8{3}, func(tx *Tx) { tx.BlobHashes = append(bytes.Clone(blobHash), otherHash...) }, errBlobHash},
			{"no authorization", []uint8{4}, func(tx *Tx) { tx.AuthList = nil }, errNoAuths},
		} {
			tx := sample(t, kind)
			tx.BlobHashes = blobHash
			c.bend(&tx)
			want := c.want
			if c.types != nil && !bytes.Contains(c.types, []byte{kind}) {
				want = nil
			}
			bent, err := DecodeTxBinary(tx.encode())
			if err != nil {
				t.Fatalf("type %d, %s: %v", kind, c.name, err)
			}
			if err := bent.Check(); !errors.Is(err, want) || (err != nil) != errors.Is(err, ErrInvalidTx) {
				t.Errorf("type %d, %s: %v; want %v", kind, c.name, err, want)
			}
		}
	}
	if err := (&Tx{Type: 5}).Check(); err != nil {
		t.Errorf("unknown type: %v", err)
	}
}

func TestCheckAllocatesNothing(t *testing.T) {
	for kind := range uint8(knownTypes) {
		tx := sample(t, kind)
		tx.BlobHashes = rlp.AppendBytes(nil, append([]byte{versionedHashKZG}, make([]byte, 31)...))
		if n := testing.AllocsPerRun(10, func() {
			if err := tx.Check(); err != nil {
				t.Error(err)
			}
		}); n != 0 {
			t.Errorf("type %d: %v allocations", kind, n)
		}
	}
}
