// SPDX-License-Identifier: Apache-2.0

package v5wire

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

// keys are what two nodes agree on in a handshake.
type keys struct {
	initiator [16]byte // what the initiator encrypts with
	recipient [16]byte
}

// deriveKeys makes the keys of a session
// (devp2p/discv5/discv5-theory.md#handshake-steps). One side has the
// initiator's ephemeral private key and the recipient's public key, the other the opposites.
func deriveKeys(private *ecc.PrivateKey, public ecc.PublicKey, initiator, recipient enr.ID, challenge []byte) (k keys, err error) {
	secret, err := private.SharedPoint(public)
	if err != nil {
		return k, err
	}
	info := "discovery v5 key agreement" + string(initiator[:]) + string(recipient[:])
	b, err := hkdf.Key(sha256.New, secret[:], challenge, info, 32)
	if err != nil {
		return k, err
	}
	return keys{initiator: [16]byte(b[:16]), recipient: [16]byte(b[16:])}, nil
}

// proofDigest is what the initiator signs
// (devp2p/discv5/discv5-theory.md#identity-specific-cryptography-in-the-handshake).
func proofDigest(challenge []byte, ephemeral [33]byte, recipient enr.ID) [32]byte {
	h := sha256.New()
	h.Write([]byte("discovery v5 identity proof"))
	h.Write(challenge)
	h.Write(ephemeral[:])
	h.Write(recipient[:])
	return [32]byte(h.Sum(nil))
}

func newGCM(key [16]byte) cipher.AEAD {
	g, err := cipher.NewGCM(newAES(key))
	if err != nil {
		panic(err) // only for ciphers of other block sizes
	}
	return g
}
