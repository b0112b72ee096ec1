// SPDX-License-Identifier: Apache-2.0

package ecc

import (
	"bytes"
	"testing"
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
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParsePublicKey(b)
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

// halfOrder is the greatest s that is low: half of the order, rounded down.
var halfOrder = []byte{
	0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
}
