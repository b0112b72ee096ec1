// SPDX-License-Identifier: Apache-2.0

package ecc

import (
	"bytes"
	"fmt"
	"math/big"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// modOrder returns a number modulo the order, as 32 bytes.
func modOrder(t testing.TB, n *big.Int) [32]byte {
	t.Helper()
	n = new(big.Int).Mod(n, new(big.Int).SetBytes(unhex(t, order)))
	return [32]byte(n.FillBytes(make([]byte, 32)))
}

// signed returns what a key signs a digest with when its nonce is this one, and s is made low.
func signed(t testing.TB, key, nonce *PrivateKey, digest [32]byte) (rs [64]byte) {
	t.Helper()
	n := new(big.Int).SetBytes(unhex(t, order))
	x := nonce.Public().Bytes()
	r := modOrder(t, new(big.Int).SetBytes(x[:32]))
	s := new(big.Int).Mul(new(big.Int).SetBytes(r[:]), new(big.Int).SetBytes(key.scalar[:]))
	s.Add(s, new(big.Int).SetBytes(digest[:]))
	s.Mul(s, new(big.Int).ModInverse(new(big.Int).SetBytes(nonce.scalar[:]), n))
	low := modOrder(t, s)
	if bytes.Compare(low[:], halfOrder) > 0 {
		low = modOrder(t, s.Neg(s))
	}
	copy(rs[:32], r[:])
	copy(rs[32:], low[:])
	return rs
}

// Where the two multiples that a verification adds are the same point, each other's negatives,
// or one of them none.
func TestVerifyAtTheEdges(t *testing.T) {
	key, nonce := privateKey(t, "1234567"), privateKey(t, "89abcdef")
	x := nonce.Public().Bytes()
	same := new(big.Int).Mul(new(big.Int).SetBytes(x[:32]), big.NewInt(0x1234567))
	for _, tt := range []struct {
		name   string
		digest [32]byte
		sum    bool // the sum is a point
	}{
		{"digest 0", [32]byte{}, true},
		{"digest the order", [32]byte(unhex(t, order)), true},
		{"digest beyond the order", [32]byte(bytes.Repeat([]byte{0xff}, 32)), true},
		{"the same", modOrder(t, same), true},
		{"negatives", modOrder(t, same.Neg(same)), false},
	} {
		rs := signed(t, key, nonce, tt.digest)
		if !tt.sum {
			rs[63] = 5 // any s will do
		}
		if ok := key.Public().Verify(tt.digest, rs[:]); ok != tt.sum {
			t.Errorf("%s: %v", tt.name, ok)
		}
	}
}

// The X coordinate of a point can be greater than the order. Then r is what is beyond it.
func TestVerifyWithXBeyondTheOrder(t *testing.T) {
	for r := int64(1); ; r++ {
		if _, err := ParseCompressed(append([]byte{evenY}, plus(t, order, r)...)); err != nil {
			continue
		}
		sig := [65]byte{63: 1, 64: 2}
		copy(sig[:], plus(t, fmt.Sprintf("%064x", 0), r))
		key, err := Recover([32]byte{1}, sig[:])
		if err != nil {
			t.Fatal(err)
		}
		if !key.Verify([32]byte{1}, sig[:64]) {
			t.Error("not accepted")
		}
		if key.Verify([32]byte{2}, sig[:64]) {
			t.Error("accepted for another digest")
		}
		return
	}
}

// Verify accepts what the library with a function for it accepts, but for a high s.
func FuzzVerify(f *testing.F) {
	for _, e := range edges(f) {
		f.Add(e, e, e, make([]byte, 64))
		f.Add(e, unhex(f, multiples[2].k), make([]byte, 32), make([]byte, 64))
		f.Add([]byte{31: 3}, e, bytes.Repeat([]byte{0xff}, 32), []byte{63: 1})
	}
	f.Fuzz(func(t *testing.T, scalar, nonce, d, change []byte) {
		key, err := ParsePrivateKey(scalar)
		if err != nil || len(d) != 32 {
			return
		}
		k, err := ParsePrivateKey(nonce)
		if err != nil {
			return
		}
		digest := [32]byte(d)
		rs := signed(t, key, k, digest)
		for i := range min(len(change), len(rs)) {
			rs[i] ^= change[i]
		}
		var r, s secp256k1.ModNScalar
		bad := r.SetByteSlice(rs[:32]) || s.SetByteSlice(rs[32:]) || s.IsOverHalfOrder()
		want := !bad && ecdsa.NewSignature(&r, &s).Verify(d, secp256k1.PrivKeyFromBytes(scalar).PubKey())
		if got := key.Public().Verify(digest, rs[:]); got != want {
			t.Fatalf("%v, want %v: key %x, digest %x, signature %x", got, want, scalar, d, rs)
		}
	})
}
