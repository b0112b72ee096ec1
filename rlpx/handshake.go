// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"fmt"
	"io"

	"github.com/ethpeer/ethpeer/ecc"
)

// in: auth or ack · out: ack and Keys · randomness: an argument

// An Initiator is the side that has sent auth and waits for ack. One goroutine owns it.
type Initiator struct {
	key       *ecc.PrivateKey
	ephemeral *ecc.PrivateKey
	nonce     [32]byte
	auth      []byte // the packet as sent
}

// StartInitiator begins a connection to the node with the key remote. It draws the ephemeral key,
// the nonce, the padding and the encryption's keys from rand, and returns the packet to send,
// which the caller must not change.
func StartInitiator(rand io.Reader, key *ecc.PrivateKey, remote ecc.PublicKey) (i *Initiator, packet []byte, err error) {
	staticX, err := key.SharedX(remote)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: the node to connect to: %w", ErrMisuse, err)
	}
	ephemeral, nonce, err := drawSession(rand)
	if err != nil {
		return nil, nil, err
	}
	a := auth{signature: ephemeral.Sign(signed(staticX, nonce)), key: key.Public(), nonce: nonce}
	packet, err = sealPacket(rand, remote, a.append(nil))
	if err != nil {
		return nil, nil, err
	}
	return &Initiator{key: key, ephemeral: ephemeral, nonce: nonce, auth: packet}, packet, nil
}

// Finish reads the recipient's answer, one whole packet, and returns the keys of the connection.
// The Initiator keeps neither.
func (i *Initiator) Finish(packet []byte) (Keys, error) {
	plain, legacy, err := openPacket("ack", i.key, packet, legacyAckSize)
	if err != nil {
		return Keys{}, err
	}
	a, err := parseAck(plain, legacy)
	if err != nil {
		return Keys{}, err
	}
	x, err := i.ephemeral.SharedX(a.ephemeral)
	if err != nil {
		return Keys{}, badHandshake("ack", err)
	}
	return derive(true, transcript{x, i.nonce, a.nonce, i.auth, packet}), nil
}

// AnswerAuth answers an initiator's packet, which must be whole. It returns the initiator's static
// key, the packet to send back, in the format of the auth, and the keys of the connection. The
// initiator has proved that it holds the private key of remote only when its first frame opens.
func AnswerAuth(rand io.Reader, key *ecc.PrivateKey, packet []byte) (remote ecc.PublicKey, answer []byte, keys Keys, err error) {
	fail := func(err error) (ecc.PublicKey, []byte, Keys, error) { return ecc.PublicKey{}, nil, Keys{}, err }

	plain, legacy, err := openPacket("auth", key, packet, legacyAuthSize)
	if err != nil {
		return fail(err)
	}
	a, err := parseAuth(plain, legacy)
	if err != nil {
		return fail(err)
	}
	theirs, err := a.ephemeral(key)
	if err != nil {
		return fail(badHandshake("auth", err))
	}
	ephemeral, nonce, err := drawSession(rand)
	if err != nil {
		return fail(err)
	}
	x, err := ephemeral.SharedX(theirs)
	if err != nil {
		return fail(badHandshake("auth", err))
	}
	answer, err = sealAck(rand, a.key, ack{ephemeral.Public(), nonce}, legacy)
	if err != nil {
		return fail(err)
	}
	return a.key, answer, derive(false, transcript{x, a.nonce, nonce, packet, answer}), nil
}

// ephemeral recovers the initiator's ephemeral key.
func (a *auth) ephemeral(key *ecc.PrivateKey) (ecc.PublicKey, error) {
	staticX, err := key.SharedX(a.key)
	if err != nil {
		return ecc.PublicKey{}, err
	}
	return ecc.Recover(signed(staticX, a.nonce), a.signature[:])
}

func sealAck(rand io.Reader, to ecc.PublicKey, a ack, legacy bool) ([]byte, error) {
	if legacy {
		return sealECIES(nil, rand, to, a.appendLegacy(nil), nil)
	}
	return sealPacket(rand, to, a.append(nil))
}

// drawSession draws the ephemeral key and the nonce of a connection. A new key costs a
// multiplication of the generator, which has a table and is much cheaper than that of another
// point.
func drawSession(rand io.Reader) (ephemeral *ecc.PrivateKey, nonce [32]byte, err error) {
	if ephemeral, err = ecc.NewPrivateKey(rand); err != nil {
		return nil, nonce, err
	}
	if _, err = io.ReadFull(rand, nonce[:]); err != nil {
		return nil, nonce, fmt.Errorf("rlpx: no randomness: %w", err)
	}
	return ephemeral, nonce, nil
}
