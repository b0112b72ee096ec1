// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/ethpeer/ethpeer/ecc"
)

// in: plaintext · out: key(65) ‖ IV(16) ‖ ciphertext ‖ tag(32)

// The parts of an ECIES packet (devp2p/rlpx.md#ecies-encryption).
const (
	eciesKeySize  = 65 // an uncompressed point: 4 ‖ X ‖ Y
	eciesIVSize   = aes.BlockSize
	eciesTagSize  = sha256.Size
	eciesOverhead = eciesKeySize + eciesIVSize + eciesTagSize

	uncompressed = 4 // the first byte of eciesKeySize bytes
)

var (
	errShort = errors.New("packet is shorter than its encryption needs")
	errPoint = errors.New("ephemeral key is not an uncompressed point")
	errTag   = errors.New("tag does not match: it was made for another key, or changed")
)

// sealECIES appends plain, encrypted to a public key. The tag covers extra, too, which is not part
// of the result. sealECIES draws an ephemeral key and the IV from rand.
func sealECIES(dst []byte, rand io.Reader, to ecc.PublicKey, plain, extra []byte) ([]byte, error) {
	ephemeral, err := ecc.NewPrivateKey(rand)
	if err != nil {
		return nil, err
	}
	var iv [eciesIVSize]byte
	if _, err := io.ReadFull(rand, iv[:]); err != nil {
		return nil, fmt.Errorf("rlpx: no randomness: %w", err)
	}
	x, err := ephemeral.SharedX(to)
	if err != nil {
		return nil, err
	}
	cipherKey, macKey := eciesKeys(x)

	xy := ephemeral.Public().Bytes()
	dst = append(dst, uncompressed)
	dst = append(dst, xy[:]...)
	covered := len(dst)
	dst = append(dst, iv[:]...)
	dst = append(dst, plain...)
	cryptCTR(cipherKey, iv, dst[covered+eciesIVSize:])
	return appendTag(dst, macKey, dst[covered:], extra), nil
}

// openECIES returns the plaintext, in new memory. It checks every length first, that the point is
// on the curve before it is multiplied with our key, and the tag before it decrypts.
func openECIES(key *ecc.PrivateKey, packet, extra []byte) ([]byte, error) {
	if len(packet) < eciesOverhead {
		return nil, errShort
	}
	if packet[0] != uncompressed {
		return nil, errPoint
	}
	ephemeral, err := ecc.ParsePublicKey(packet[1:eciesKeySize])
	if err != nil {
		return nil, fmt.Errorf("ephemeral key: %w", err)
	}
	x, err := key.SharedX(ephemeral)
	if err != nil {
		return nil, err
	}
	cipherKey, macKey := eciesKeys(x)

	covered, tag := packet[eciesKeySize:len(packet)-eciesTagSize], packet[len(packet)-eciesTagSize:]
	if !hmac.Equal(tag, appendTag(nil, macKey, covered, extra)) {
		return nil, errTag
	}
	plain := append([]byte(nil), covered[eciesIVSize:]...)
	cryptCTR(cipherKey, [eciesIVSize]byte(covered), plain)
	return plain, nil
}

// eciesKeys derives the keys of cipher and tag with the concatenation KDF of NIST SP 800-56A, of
// which 32 bytes are one round of SHA-256. The key of the tag is hashed once more.
func eciesKeys(sharedX [32]byte) (cipherKey [16]byte, macKey [32]byte) {
	round := append([]byte{0, 0, 0, 1}, sharedX[:]...)
	both := sha256.Sum256(round)
	return [16]byte(both[:16]), sha256.Sum256(both[16:])
}

// cryptCTR encrypts or decrypts b in place with AES-128 in counter mode.
func cryptCTR(key [16]byte, iv [eciesIVSize]byte, b []byte) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // AES has keys of this length
	}
	cipher.NewCTR(block, iv[:]).XORKeyStream(b, b)
}

func appendTag(dst []byte, key [32]byte, covered, extra []byte) []byte {
	h := hmac.New(sha256.New, key[:])
	h.Write(covered)
	h.Write(extra)
	return h.Sum(dst)
}
