// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"crypto/subtle"

	"github.com/ethpeer/ethpeer/internal/keccak"
)

// Keys are the result of a handshake: the input of exactly one [Sealer] and one [Opener]. A second
// Sealer of the same Keys would encrypt two streams with one keystream. Keys print without their
// secrets.
type Keys struct {
	aes, mac        [32]byte
	egress, ingress keccak.Hasher
}

// String hides the secrets, so that no log can show them.
func (Keys) String() string { return "rlpx.Keys(secret)" }

// GoString hides the secrets from %#v.
func (k Keys) GoString() string { return k.String() }

// A transcript is everything that the keys depend on.
type transcript struct {
	ephemeralX          [32]byte // the shared secret of the ephemeral keys
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

	// The MAC of each direction starts with the packet of that direction and the nonce of
	// the other.
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
