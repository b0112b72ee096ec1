// SPDX-License-Identifier: Apache-2.0

package ecc

import (
	"bytes"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// Whatever Recover takes for a signature, Verify accepts for the recovered key, unless s is
// high; and the key is a point.
func FuzzRecover(f *testing.F) {
	digest, sig, _ := known(f)
	f.Add(digest[:], sig[:])
	f.Add(make([]byte, 32), make([]byte, 65))
	f.Fuzz(func(t *testing.T, d, sig []byte) {
		if len(d) != 32 {
			return
		}
		digest := [32]byte(d)
		key, err := Recover(digest, sig)
		if err != nil {
			return
		}
		xy := key.Bytes()
		if _, err := ParsePublicKey(xy[:]); err != nil {
			t.Fatalf("recovered %x, which is %v", xy, err)
		}
		high := bytes.Compare(sig[32:64], halfOrder) > 0
		if ok := key.Verify(digest, sig[:64]); ok == high {
			t.Fatalf("Verify says %v, high s is %v", ok, high)
		}
	})
}

// A key that signs is the key that is recovered, in every form.
func FuzzSign(f *testing.F) {
	f.Add(bytes.Repeat([]byte{1}, 32), make([]byte, 32))
	f.Add(bytes.Repeat([]byte{0xfe}, 32), bytes.Repeat([]byte{0xff}, 32))
	f.Fuzz(func(t *testing.T, scalar, d []byte) {
		k, err := ParsePrivateKey(scalar)
		if err != nil || len(d) != 32 {
			return
		}
		digest := [32]byte(d)
		sig := k.Sign(digest)
		if sig != k.Sign(digest) {
			t.Fatal("signing twice gives two signatures")
		}
		if got, err := Recover(digest, sig[:]); err != nil || got != k.Public() {
			t.Fatalf("recovered %x, %v", got, err)
		}
		if !k.Public().Verify(digest, sig[:64]) {
			t.Fatal("does not verify")
		}
	})
}

// A key that is accepted in one form survives the other.
func FuzzParsePublicKey(f *testing.F) {
	_, _, key := known(f)
	xy, c := key.Bytes(), key.Compressed()
	f.Add(xy[:])
	f.Add(c[:])
	for _, x := range edges(f) {
		f.Add(append([]byte{2}, x...))
		f.Add(append([]byte{3}, x...))
	}
	f.Add(append([]byte{2}, plus(f, prime, -1)...))
	f.Add(append([]byte{3}, plus(f, prime, 1)...)) // 1, which is the X of a point, beyond the prime
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParsePublicKey(b)
		if len(b) == 33 {
			want, refused := secp256k1.ParsePubKey(b)
			got, err := ParseCompressed(b)
			if (err != nil) != (refused != nil) || err == nil && !bytes.Equal(got.xy[:], want.SerializeUncompressed()[1:]) {
				t.Fatalf("%x is %x, %v; the other library says %v", b, got, err, refused)
			}
		}
		if err == nil {
			if xy := p.Bytes(); !bytes.Equal(xy[:], b) {
				t.Fatalf("%x came back as %x", b, xy)
			}
		} else if p, err = ParseCompressed(b); err == nil {
			if c := p.Compressed(); !bytes.Equal(c[:], b) {
				t.Fatalf("%x came back as %x", b, c)
			}
		}
		if err != nil {
			return
		}
		c, xy := p.Compressed(), p.Bytes()
		again, err := ParseCompressed(c[:])
		if err != nil || again != p {
			t.Fatalf("compressed %x: %x, %v", c, again, err)
		}
		if again, err = ParsePublicKey(xy[:]); err != nil || again != p {
			t.Fatalf("full %x: %x, %v", xy, again, err)
		}
	})
}

// Multiplying agrees with the library that has no part in it.
func FuzzSharedPoint(f *testing.F) {
	for _, k := range edges(f) {
		for _, p := range edges(f) {
			f.Add(k, p)
		}
	}
	f.Fuzz(func(t *testing.T, scalar, of []byte) {
		k, err := ParsePrivateKey(scalar)
		if err != nil {
			return
		}
		q, err := ParsePrivateKey(of)
		if err != nil {
			return
		}
		var point, product secp256k1.JacobianPoint
		secp256k1.PrivKeyFromBytes(of).PubKey().AsJacobian(&point)
		secp256k1.ScalarMultNonConst(&secp256k1.PrivKeyFromBytes(scalar).Key, &point, &product)
		product.ToAffine()
		want := [33]byte(secp256k1.NewPublicKey(&product.X, &product.Y).SerializeCompressed())
		if got, err := k.SharedPoint(q.Public()); err != nil || got != want {
			t.Fatalf("%x, %v; want %x", got, err, want)
		}
	})
}

// edges are scalars at which multiplications have gone wrong elsewhere: the first and the last,
// those around powers of 2, and around the roots of 1 that GLV splits scalars by.
func edges(tb testing.TB) (all [][]byte) {
	const (
		zero   = "0000000000000000000000000000000000000000000000000000000000000000"
		half   = "0000000000000000000000000000000100000000000000000000000000000000"
		top    = "8000000000000000000000000000000000000000000000000000000000000000"
		lambda = "5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72"
		square = "ac9c52b33fa3cf1f5ad9e3fd77ed9ba4a880b9fc8ec739c2e0cfc810b51283ce"
	)
	for _, base := range []string{zero, half, top, lambda, square, order} {
		for d := int64(-2); d <= 2; d++ {
			if base != zero || d > 0 {
				all = append(all, plus(tb, base, d))
			}
		}
	}
	return all
}

// halfOrder is the greatest s that is low: half of the order, rounded down.
var halfOrder = []byte{
	0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
}
