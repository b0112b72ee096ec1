// SPDX-License-Identifier: Apache-2.0

package ecc

import "github.com/consensys/gnark-crypto/ecc/secp256k1/fp"

// The first byte of the 33-byte form says whether Y is even or odd (SEC 1, section 2.3.3).
const (
	evenY = 2
	oddY  = 3
)

// seven is the constant in y² = x³ + 7.
var seven = fp.NewElement(7)

// ParseCompressed reads the 33-byte form. A handshake's time goes into such roots, too, so
// that they are taken with the faster library.
func ParseCompressed(b []byte) (PublicKey, error) {
	if len(b) != 33 || b[0] != evenY && b[0] != oddY {
		return PublicKey{}, ErrPublicKey
	}
	var x, y fp.Element
	if x.SetBytesCanonical(b[1:]) != nil {
		return PublicKey{}, ErrPublicKey
	}
	y.Square(&x).Mul(&y, &x).Add(&y, &seven)
	if y.Sqrt(&y) == nil {
		return PublicKey{}, ErrPublicKey
	}
	root := y.Bytes()
	if root[31]&1 != b[0]&1 {
		root = y.Neg(&y).Bytes() // there is no point with y = 0
	}
	p := PublicKey{}
	copy(p.xy[:32], b[1:])
	copy(p.xy[32:], root[:])
	return p, nil
}

// Compressed returns the 33-byte form.
func (p PublicKey) Compressed() (b [33]byte) {
	b[0] = evenY + p.xy[63]&1
	copy(b[1:], p.xy[:32])
	return b
}
