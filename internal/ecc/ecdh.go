// SPDX-License-Identifier: Apache-2.0

package ecc

import (
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/secp256k1"
)

// SharedX returns the X coordinate of k times p, the secret of an ECDH exchange.
func (k *PrivateKey) SharedX(p PublicKey) (x [32]byte, err error) {
	c, err := k.SharedPoint(p)
	return [32]byte(c[1:]), err
}

// SharedPoint returns k times p in the 33-byte form. A PublicKey that this package did not
// hand out is checked here once more: the product with a point of another curve would tell k.
func (k *PrivateKey) SharedPoint(p PublicKey) (c [33]byte, err error) {
	if _, err := p.point(); err != nil {
		return c, err
	}
	var point secp256k1.G1Affine
	point.X.SetBytes(p.xy[:32])
	point.Y.SetBytes(p.xy[32:])
	scalar := k.Bytes()
	point.ScalarMultiplication(&point, new(big.Int).SetBytes(scalar[:]))
	return PublicKey{point.RawBytes()}.Compressed(), nil
}
