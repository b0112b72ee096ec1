// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/trie"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/internal/mpt"
)

// items is a geth DerivableList of raw items.
type items [][]byte

func (l items) Len() int                           { return len(l) }
func (l items) EncodeIndex(i int, b *bytes.Buffer) { b.Write(l[i]) }

// FuzzRoots: lists under their indices, and pairs under the hashes of their keys, have the
// same roots. The list is cut from the input; sizes around 32 bytes decide whether a node
// is embedded.
func FuzzRoots(f *testing.F) {
	f.Add([]byte("a"), uint8(1))
	f.Add(bytes.Repeat([]byte("0123456789abcdef"), 300), uint8(31))
	f.Add(bytes.Repeat([]byte{1}, 600), uint8(2))
	f.Fuzz(func(t *testing.T, b []byte, size uint8) {
		var list items
		var pairs []mpt.Pair
		for n := int(size); len(b) > 0; n = (n*7 + 1) % 120 {
			item := b[:min(1+n, len(b))]
			b = b[len(item):]
			list = append(list, item)
			pairs = append(pairs, mpt.Pair{Key: fmt.Append(nil, len(pairs)), Value: item})
		}
		have := mpt.IndexRoot(len(list), func(i int) []byte { return list[i] })
		if want := types.DeriveSha(list, trie.NewStackTrie(nil)); have != want {
			t.Errorf("index root of %d items is %x, want %x", len(list), have, want)
		}
		secure := trie.NewEmpty(nil)
		for _, p := range pairs {
			secure.MustUpdate(crypto.Keccak256(p.Key), p.Value)
		}
		if have, want := mpt.SecureRoot(pairs), secure.Hash(); have != want {
			t.Errorf("secure root of %d pairs is %x, want %x", len(pairs), have, want)
		}
	})
}

// FuzzECC: digests are the same, and so are recovered keys, or the refusal to recover.
func FuzzECC(f *testing.F) {
	key, err := crypto.HexToECDSA("b71c71a67e1177ad4e901695e1b4b9ee17ae16c6668d313eac2f96dbcda3f291")
	if err != nil {
		f.Fatal(err)
	}
	digest := crypto.Keccak256([]byte("seed"))
	sig, err := crypto.Sign(digest, key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("seed"), sig)
	f.Fuzz(func(t *testing.T, data, sig []byte) {
		digest := keccak.Sum256(data)
		if want := crypto.Keccak256(data); !bytes.Equal(digest[:], want) {
			t.Fatalf("digest of %x is %x, want %x", data, digest, want)
		}
		ours, err := ecc.Recover(digest, sig)
		theirs, gethErr := crypto.Ecrecover(digest[:], sig)
		if (err == nil) != (gethErr == nil) {
			t.Fatalf("%x: we say %v, geth %v", sig, err, gethErr)
		}
		if xy := ours.Bytes(); err == nil && !bytes.Equal(xy[:], theirs[1:]) {
			t.Fatalf("%x: we recover %x, geth %x", sig, xy, theirs)
		}
	})
}
