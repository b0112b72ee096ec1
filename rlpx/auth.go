// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"crypto/subtle"
	"fmt"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/rlp"
)

// version is the version in our handshake packets. Receivers must ignore it
// (https://eips.ethereum.org/EIPS/eip-8#specification).
const version = 4

// An auth is the content of the initiator's packet (devp2p/rlpx.md#initial-handshake):
//
//	EIP-8:   [signature, key, nonce, version, …]
//	legacy:  signature(65) ‖ keccak(ephemeral key)(32) ‖ key(64) ‖ nonce(32) ‖ 0
//
// The recipient recovers the ephemeral key from the signature.
type auth struct {
	signature [65]byte
	key       ecc.PublicKey // the initiator's static key
	nonce     [32]byte
}

// append appends the list of EIP-8.
func (a *auth) append(dst []byte) []byte {
	key := a.key.Bytes()
	dst, list := rlp.OpenList(dst)
	dst = rlp.AppendBytes(dst, a.signature[:])
	dst = rlp.AppendBytes(dst, key[:])
	dst = rlp.AppendBytes(dst, a.nonce[:])
	dst = rlp.AppendUint64(dst, version)
	return rlp.CloseList(dst, list)
}

// parseAuth reads the decrypted packet. It accepts any version, additional elements and bytes
// after the list, as EIP-8 requires.
func parseAuth(plain []byte, legacy bool) (a auth, err error) {
	var key [64]byte
	if legacy {
		// The size of the packet was checked. The hash is not compared: the key that is
		// recovered from the signature is its only preimage.
		copy(a.signature[:], plain)
		copy(key[:], plain[65+32:])
		copy(a.nonce[:], plain[65+32+64:])
	} else {
		c := rlp.Read(plain)
		c.List("auth")
		c.Fixed("signature", a.signature[:])
		c.Fixed("key", key[:])
		c.Fixed("nonce", a.nonce[:])
		c.Skip("version")
		c.EndOpen()
		if c.Err() != nil {
			return auth{}, badHandshake("auth", c.Err())
		}
	}
	if a.key, err = ecc.ParsePublicKey(key[:]); err != nil {
		return auth{}, badHandshake("auth", fmt.Errorf("initiator's key: %w", err))
	}
	return a, nil
}

// signed returns the digest that the initiator signs with its ephemeral key: the shared secret of
// both static keys, XOR the nonce.
func signed(staticX, nonce [32]byte) (digest [32]byte) {
	subtle.XORBytes(digest[:], staticX[:], nonce[:])
	return digest
}
