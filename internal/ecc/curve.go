// SPDX-License-Identifier: Apache-2.0

package ecc

import (
	"errors"
	"fmt"
	"io"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// Errors of this package.
var (
	ErrPrivateKey = errors.New("not a secp256k1 private key: want 32 bytes, between 1 and the group's order")
	ErrPublicKey  = errors.New("not a point of secp256k1")
	ErrSignature  = errors.New("not a valid signature")
)

// A PrivateKey is a secret scalar. It is immutable and never prints itself.
type PrivateKey struct {
	k   *secp256k1.PrivateKey
	pub PublicKey
}

// A PublicKey is a point of the curve. Every PublicKey that this package hands out was
// checked to be on the curve. The zero value is no key.
type PublicKey struct{ xy [64]byte }

// NewPrivateKey draws a key from rand, 32 bytes. One draw in 2¹²⁸ is no key and is drawn
// again; a reader that gives nothing else is an error.
func NewPrivateKey(rand io.Reader) (*PrivateKey, error) {
	var b [32]byte
	for range 4 {
		if _, err := io.ReadFull(rand, b[:]); err != nil {
			return nil, fmt.Errorf("ecc: no randomness: %w", err)
		}
		if k, err := ParsePrivateKey(b[:]); err == nil {
			return k, nil
		}
	}
	return nil, fmt.Errorf("ecc: randomness is not random: %w", ErrPrivateKey)
}

// ParsePrivateKey reads a scalar of 32 bytes.
func ParsePrivateKey(b []byte) (*PrivateKey, error) {
	var s secp256k1.ModNScalar
	if len(b) != 32 || s.SetByteSlice(b) || s.IsZero() {
		return nil, ErrPrivateKey
	}
	k := secp256k1.NewPrivateKey(&s)
	return &PrivateKey{k: k, pub: fromPoint(k.PubKey())}, nil
}

// Bytes returns the scalar.
func (k *PrivateKey) Bytes() (b [32]byte) { return [32]byte(k.k.Serialize()) }

// Public returns the public half.
func (k *PrivateKey) Public() PublicKey { return k.pub }

// String hides the secret, so that no log can show it.
func (k *PrivateKey) String() string { return "ecc.PrivateKey(secret)" }

// GoString hides the secret from %#v.
func (k *PrivateKey) GoString() string { return k.String() }

// Sign signs a digest, deterministically (RFC 6979): r, s (low), and the recovery id, 0
// to 3, as the last byte.
func (k *PrivateKey) Sign(digest [32]byte) (sig [65]byte) {
	c := ecdsa.SignCompact(k.k, digest[:], false)
	copy(sig[:], c[1:])
	sig[64] = c[0] - 27
	return sig
}

// ParsePublicKey reads X and Y, 64 bytes, and checks that they are on the curve.
func ParsePublicKey(xy []byte) (PublicKey, error) {
	if len(xy) != 64 {
		return PublicKey{}, ErrPublicKey
	}
	p := PublicKey{[64]byte(xy)}
	if _, err := p.point(); err != nil {
		return PublicKey{}, err
	}
	return p, nil
}

// Bytes returns X and Y.
func (p PublicKey) Bytes() [64]byte { return p.xy }

// IsZero reports whether p is no key.
func (p PublicKey) IsZero() bool { return p == PublicKey{} }

// Verify checks a signature of 64 bytes, r and s. A high s is refused, as records and
// packets demand.
func (p PublicKey) Verify(digest [32]byte, rs []byte) bool {
	point, err := p.point()
	if err != nil || len(rs) != 64 {
		return false
	}
	var r, s secp256k1.ModNScalar
	if r.SetByteSlice(rs[:32]) || s.SetByteSlice(rs[32:]) || r.IsZero() || s.IsZero() || s.IsOverHalfOrder() {
		return false
	}
	return ecdsa.NewSignature(&r, &s).Verify(digest[:], point)
}

// Recover returns the key that made a signature of 65 bytes, as [PrivateKey.Sign]
// returns it.
func Recover(digest [32]byte, sig []byte) (PublicKey, error) {
	if len(sig) != 65 || sig[64] > 3 {
		return PublicKey{}, ErrSignature
	}
	var c [65]byte
	c[0] = sig[64] + 27
	copy(c[1:], sig[:64])
	k, _, err := ecdsa.RecoverCompact(c[:], digest[:])
	if err != nil {
		return PublicKey{}, ErrSignature
	}
	return fromPoint(k), nil
}

// Recovers recovers the keys of independent signatures; keys[i] is the zero key where
// the i-th signature is bad. All three slices must have one length.
func Recovers(keys []PublicKey, digests [][32]byte, sigs [][65]byte) {
	for i := range keys {
		keys[i], _ = Recover(digests[i], sigs[i][:])
	}
}

func fromPoint(k *secp256k1.PublicKey) (p PublicKey) {
	copy(p.xy[:], k.SerializeUncompressed()[1:])
	return p
}

func (p PublicKey) point() (*secp256k1.PublicKey, error) {
	var u [65]byte
	u[0] = secp256k1.PubKeyFormatUncompressed
	copy(u[1:], p.xy[:])
	k, err := secp256k1.ParsePubKey(u[:])
	if err != nil {
		return nil, ErrPublicKey
	}
	return k, nil
}
