// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"crypto/subtle"
	"fmt"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/rlp"
)

// version is what we say in a handshake packet. Nobody may look at it
// (https://eips.ethereum.org/EIPS/eip-8#specification).
const version = 4

// auth is what the initiator says:
//
//	EIP-8:   [signature, key, nonce, version, …]
//	legacy:  signature(65) ‖ keccak(ephemeral key)(32) ‖ key(64) ‖ nonce(32) ‖ 0
//
// The ephemeral key is not in it: it is recovered from the signature.
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

// parseAuth reads the decrypted packet. Any version, further elements and bytes after the
// list are accepted.
func parseAuth(plain []byte, legacy bool) (a auth, err error) {
	var key [64]byte
	if legacy {
		// The size of the packet was checked. The hash says nothing that the signature
		// does not, so that no client ever compared it.
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

// signed returns what the initiator signs with its ephemeral key: the secret that both
// static keys share, XOR the nonce.
func signed(staticX, nonce [32]byte) (digest [32]byte) {
	subtle.XORBytes(digest[:], staticX[:], nonce[:])
	return digest
}
