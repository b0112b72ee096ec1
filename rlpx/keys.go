// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"crypto/subtle"

	"github.com/ethpeer/ethpeer/internal/keccak"
)

// Keys are what a handshake agrees on: the input of one [Sealer] and one [Opener]. Making a
// second Sealer of the same Keys would encrypt two streams with one keystream. They never
// print.
type Keys struct {
	aes, mac        [32]byte
	egress, ingress keccak.Hasher
}

// String hides the secrets, so that no log can show them.
func (Keys) String() string { return "rlpx.Keys(secret)" }

// GoString hides the secrets from %#v.
func (k Keys) GoString() string { return k.String() }

// transcript is everything that the keys depend on.
type transcript struct {
	ephemeralX          [32]byte // the secret that the ephemeral keys share
	initNonce, ackNonce [32]byte
	auth, ack           []byte // whole packets, prefixes included
}

// derive computes the keys of one side (devp2p/rlpx.md#initial-handshake).
func derive(initiator bool, t transcript) Keys {
	nonces := keccak.Sum256(t.ackNonce[:], t.initNonce[:])
	shared := keccak.Sum256(t.ephemeralX[:], nonces[:])
	var k Keys
	k.aes = keccak.Sum256(t.ephemeralX[:], shared[:])
	k.mac = keccak.Sum256(t.ephemeralX[:], k.aes[:])

	// Each direction's MAC begins with the packet that went that way and with the nonce
	// that did not.
	fromInitiator := macState(k.mac, t.ackNonce, t.auth)
	fromRecipient := macState(k.mac, t.initNonce, t.ack)
	if initiator {
		k.egress, k.ingress = fromInitiator, fromRecipient
	} else {
		k.egress, k.ingress = fromRecipient, fromInitiator
	}
	return k
}

func macState(secret, nonce [32]byte, packet []byte) keccak.Hasher {
	var seed [32]byte
	subtle.XORBytes(seed[:], secret[:], nonce[:])
	h := keccak.NewHasher()
	h.Write(seed[:])
	h.Write(packet)
	return h
}
