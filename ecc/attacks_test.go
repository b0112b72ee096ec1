// SPDX-License-Identifier: Apache-2.0

package ecc

import (
	"errors"
	"fmt"
	"testing"
)

// CVE-2026-26315: points that lie on another curve. The formulas of secp256k1 do not use
// the constant of its equation, so that they would multiply them as well: to a result that
// tells the key modulo the point's order. No way leads to a PublicKey that is none, and
// none to a product with one.
func TestPointsOfOtherCurves(t *testing.T) {
	key := privateKey(t, "deadbeef")
	var points [][]byte
	for n := range int64(50) {
		small := plus(t, fmt.Sprintf("%064x", 0), n)
		near := plus(t, prime, -n-1)
		zero := make([]byte, 32)
		points = append(
			points,
			append(append([]byte(nil), small...), zero...), // order 2 on y² = x³ - n³
			append(append([]byte(nil), near...), zero...),
			append(append([]byte(nil), zero...), small...), // order 3 on y² = x³ + n²
			append(append([]byte(nil), zero...), near...),
		)
	}
	for _, xy := range points {
		p, err := ParsePublicKey(xy)
		if !errors.Is(err, ErrPublicKey) || !p.IsZero() {
			t.Errorf("%x is a key: %v", xy, err)
		}
		if _, err := key.SharedX(PublicKey{[64]byte(xy)}); !errors.Is(err, ErrPublicKey) {
			t.Errorf("%x was multiplied: %v", xy, err)
		}
		if (PublicKey{[64]byte(xy)}).Verify([32]byte{1}, make([]byte, 64)) {
			t.Errorf("%x verifies", xy)
		}
	}
	if _, err := key.SharedX(PublicKey{}); !errors.Is(err, ErrPublicKey) {
		t.Errorf("no key was multiplied: %v", err)
	}
}
