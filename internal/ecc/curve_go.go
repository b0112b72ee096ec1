// SPDX-License-Identifier: Apache-2.0

//go:build !libsecp256k1 || !cgo

package ecc

import (
	"math/big"

	gnark "github.com/consensys/gnark-crypto/ecc/secp256k1"
	"github.com/consensys/gnark-crypto/ecc/secp256k1/fp"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// Points are 64 bytes, X and Y. What these functions are given may be anything of its size;
// they return false if it is not what it should be.

// publicOf returns the point that belongs to a scalar.
func publicOf(scalar *[32]byte) (xy [64]byte, ok bool) {
	var s secp256k1.ModNScalar
	if s.SetBytes(scalar) != 0 || s.IsZero() {
		return xy, false
	}
	return bytesOf(secp256k1.NewPrivateKey(&s).PubKey()), true
}

func isPoint(xy *[64]byte) bool { return pointOf(xy) != nil }

// multiply is done with gnark, to which it takes less time, and so are roots.
func multiply(scalar *[32]byte, xy *[64]byte) (product [64]byte, ok bool) {
	if !isPoint(xy) {
		return product, false
	}
	var p gnark.G1Affine
	p.X.SetBytes(xy[:32])
	p.Y.SetBytes(xy[32:])
	p.ScalarMultiplication(&p, new(big.Int).SetBytes(scalar[:]))
	return p.RawBytes(), true
}

// seven is the constant in y² = x³ + 7.
var seven = fp.NewElement(7)

func decompress(c *[33]byte) (xy [64]byte, ok bool) {
	var x, y fp.Element
	if c[0] != evenY && c[0] != oddY || x.SetBytesCanonical(c[1:]) != nil {
		return xy, false
	}
	y.Square(&x).Mul(&y, &x).Add(&y, &seven)
	if y.Sqrt(&y) == nil {
		return xy, false
	}
	root := y.Bytes()
	if root[31]&1 != c[0]&1 {
		root = y.Neg(&y).Bytes() // there is no point with y = 0
	}
	copy(xy[:32], c[1:])
	copy(xy[32:], root[:])
	return xy, true
}

func sign(scalar, digest *[32]byte) (sig [65]byte) {
	c := ecdsa.SignCompact(secp256k1.PrivKeyFromBytes(scalar[:]), digest[:], false)
	copy(sig[:], c[1:])
	sig[64] = c[0] - 27
	return sig
}

func verify(xy *[64]byte, digest *[32]byte, rs *[64]byte) bool {
	point := pointOf(xy)
	var r, s secp256k1.ModNScalar
	if point == nil || r.SetByteSlice(rs[:32]) || s.SetByteSlice(rs[32:]) || r.IsZero() || s.IsZero() || s.IsOverHalfOrder() {
		return false
	}
	return ecdsa.NewSignature(&r, &s).Verify(digest[:], point)
}

func recoverPoint(digest *[32]byte, sig *[65]byte) (xy [64]byte, ok bool) {
	var c [65]byte
	c[0] = sig[64] + 27
	copy(c[1:], sig[:64])
	k, _, err := ecdsa.RecoverCompact(c[:], digest[:])
	if err != nil {
		return xy, false
	}
	return bytesOf(k), true
}

func bytesOf(k *secp256k1.PublicKey) (xy [64]byte) {
	copy(xy[:], k.SerializeUncompressed()[1:])
	return xy
}

// pointOf returns nil if the bytes are no point.
func pointOf(xy *[64]byte) *secp256k1.PublicKey {
	var u [65]byte
	u[0] = secp256k1.PubKeyFormatUncompressed
	copy(u[1:], xy[:])
	k, err := secp256k1.ParsePubKey(u[:])
	if err != nil {
		return nil
	}
	return k
}
