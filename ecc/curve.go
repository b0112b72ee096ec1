// SPDX-License-Identifier: Apache-2.0

package ecc

import (
	"errors"
	"fmt"
	"io"
)

// Errors of this package. Match with errors.Is. None quotes a key.
var (
	ErrPrivateKey = errors.New("not a secp256k1 private key: want 32 bytes, between 1 and the group's order")
	ErrPublicKey  = errors.New("not a point of secp256k1")
	ErrSignature  = errors.New("not a valid signature")
)

// A PrivateKey is a secret scalar and its public key. It is immutable, and prints without its
// secret.
type PrivateKey struct {
	scalar [32]byte
	pub    PublicKey
}

// A PublicKey is a point of the curve, and comparable. Every PublicKey that this package returns
// was checked to be on the curve. The zero value is no key.
type PublicKey struct{ xy [64]byte }

// NewPrivateKey draws a key of 32 bytes from rand, such as crypto/rand.Reader. It draws again if
// the bytes are no key, which happens once in 2¹²⁸ draws, and fails after four such draws.
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

// ParsePrivateKey reads a scalar of 32 bytes, big-endian, which it copies. It fails with
// [ErrPrivateKey].
func ParsePrivateKey(b []byte) (*PrivateKey, error) {
	if len(b) != 32 {
		return nil, ErrPrivateKey
	}
	k := &PrivateKey{scalar: [32]byte(b)}
	var ok bool
	if k.pub.xy, ok = publicOf(&k.scalar); !ok {
		return nil, ErrPrivateKey
	}
	return k, nil
}

// Bytes returns the scalar, big-endian.
func (k *PrivateKey) Bytes() [32]byte { return k.scalar }

// Public returns the public key.
func (k *PrivateKey) Public() PublicKey { return k.pub }

// String hides the secret, so that no log can show it.
func (k *PrivateKey) String() string { return "ecc.PrivateKey(secret)" }

// GoString hides the secret from %#v.
func (k *PrivateKey) GoString() string { return k.String() }

// SharedX returns the X coordinate of k times p, the secret of an ECDH exchange
// (devp2p/rlpx.md#ecies-encryption). It fails with [ErrPublicKey] if p is the zero value.
func (k *PrivateKey) SharedX(p PublicKey) (x [32]byte, err error) {
	c, err := k.SharedPoint(p)
	return [32]byte(c[1:]), err
}

// SharedPoint returns k times p in the 33-byte form, the secret of a discv5 handshake
// (discv5-theory.md#identity-specific-cryptography-in-the-handshake). It checks again that p is
// on the curve: the product with a point of another curve reveals k.
func (k *PrivateKey) SharedPoint(p PublicKey) (c [33]byte, err error) {
	xy, ok := multiply(&k.scalar, &p.xy)
	if !ok {
		return c, ErrPublicKey
	}
	return PublicKey{xy}.Compressed(), nil
}

// Sign signs a digest deterministically (RFC 6979). It returns r, s (in the lower half, EIP-2),
// and the recovery ID from 0 to 3 as the last byte.
func (k *PrivateKey) Sign(digest [32]byte) [65]byte { return sign(&k.scalar, &digest) }

// ParsePublicKey reads X and Y, 64 bytes, which it copies. It fails with [ErrPublicKey] if they
// are not on the curve.
func ParsePublicKey(xy []byte) (PublicKey, error) {
	if len(xy) != 64 || !isPoint((*[64]byte)(xy)) {
		return PublicKey{}, ErrPublicKey
	}
	return PublicKey{[64]byte(xy)}, nil
}

// ParseCompressed reads the 33-byte form. It fails with [ErrPublicKey].
func ParseCompressed(b []byte) (PublicKey, error) {
	if len(b) != 33 {
		return PublicKey{}, ErrPublicKey
	}
	xy, ok := decompress((*[33]byte)(b))
	if !ok {
		return PublicKey{}, ErrPublicKey
	}
	return PublicKey{xy}, nil
}

// Bytes returns X and Y, big-endian.
func (p PublicKey) Bytes() [64]byte { return p.xy }

// IsZero reports whether p is the zero value, which is no key.
func (p PublicKey) IsZero() bool { return p == PublicKey{} }

// The first byte of the 33-byte form is the parity of Y (SEC 1, section 2.3.3).
const (
	evenY = 2
	oddY  = 3
)

// Compressed returns the 33-byte form.
func (p PublicKey) Compressed() (b [33]byte) {
	b[0] = evenY + p.xy[63]&1
	copy(b[1:], p.xy[:32])
	return b
}

// Verify reports whether rs, r and s in 64 bytes, is p's signature of the digest. It refuses an
// s in the upper half, as node records and discv5 require
// (devp2p/enr.md#v4-identity-scheme).
func (p PublicKey) Verify(digest [32]byte, rs []byte) bool {
	return len(rs) == 64 && verify(&p.xy, &digest, (*[64]byte)(rs))
}

// Recover returns the key that made a signature of 65 bytes, in the form of [PrivateKey.Sign]. It
// accepts an s in the upper half; a transaction's s is checked by its reader (EIP-2). It fails
// with [ErrSignature].
func Recover(digest [32]byte, sig []byte) (PublicKey, error) {
	if len(sig) != 65 || sig[64] > 3 {
		return PublicKey{}, ErrSignature
	}
	xy, ok := recoverPoint(&digest, (*[65]byte)(sig))
	if !ok {
		return PublicKey{}, ErrSignature
	}
	return PublicKey{xy}, nil
}

// Recovers recovers the keys of independent signatures. keys[i] becomes the zero value if the
// i-th signature is bad. The three slices must have one length.
func Recovers(keys []PublicKey, digests [][32]byte, sigs [][65]byte) {
	for i := range keys {
		keys[i], _ = Recover(digests[i], sigs[i][:])
	}
}
