// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"fmt"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/rlp"
)

// An ack is the content of the recipient's packet (devp2p/rlpx.md#initial-handshake):
//
//	EIP-8:   [ephemeral key, nonce, version, …]
//	legacy:  ephemeral key(64) ‖ nonce(32) ‖ 0
type ack struct {
	ephemeral ecc.PublicKey
	nonce     [32]byte
}

// append appends the list of EIP-8.
func (a *ack) append(dst []byte) []byte {
	key := a.ephemeral.Bytes()
	dst, list := rlp.OpenList(dst)
	dst = rlp.AppendBytes(dst, key[:])
	dst = rlp.AppendBytes(dst, a.nonce[:])
	dst = rlp.AppendUint64(dst, version)
	return rlp.CloseList(dst, list)
}

// appendLegacy appends the legacy form. Its last byte is 1 if the recipient has a token of an
// earlier session with the initiator, which no client stores.
func (a *ack) appendLegacy(dst []byte) []byte {
	key := a.ephemeral.Bytes()
	dst = append(dst, key[:]...)
	dst = append(dst, a.nonce[:]...)
	return append(dst, 0)
}

// parseAck reads the decrypted packet, and ignores what [parseAuth] ignores.
func parseAck(plain []byte, legacy bool) (a ack, err error) {
	var key [64]byte
	if legacy {
		copy(key[:], plain)
		copy(a.nonce[:], plain[64:])
	} else {
		c := rlp.Read(plain)
		c.List("ack")
		c.Fixed("ephemeral", key[:])
		c.Fixed("nonce", a.nonce[:])
		c.Skip("version")
		c.EndOpen()
		if c.Err() != nil {
			return ack{}, badHandshake("ack", c.Err())
		}
	}
	if a.ephemeral, err = ecc.ParsePublicKey(key[:]); err != nil {
		return ack{}, badHandshake("ack", fmt.Errorf("ephemeral key: %w", err))
	}
	return a, nil
}
