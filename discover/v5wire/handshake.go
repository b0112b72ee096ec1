// SPDX-License-Identifier: Apache-2.0

package v5wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

// Authdata of a handshake: source ID, sizes of signature and key, both, and a record if the
// recipient does not have it (devp2p/discv5/discv5-wire.md#handshake-message-packet-flag--2).
const (
	signatureSize    = 64
	keySize          = 33
	signatureAt      = len(enr.ID{}) + 2
	handshakeAuthMin = signatureAt + signatureSize + keySize
)

type (
	idNonce       [16]byte
	challengeData [whoareyouSize]byte // a whole WHOAREYOU, unmasked
)

// A Challenge is a WHOAREYOU that was received.
type Challenge struct {
	Nonce  Nonce  // of the packet that the other node could not read
	ENRSeq uint64 // of the newest of our records that it has; 0: none
	data   challengeData
}

func newChallenge(h header) *Challenge {
	return &Challenge{h.nonce, binary.BigEndian.Uint64(h.auth[len(idNonce{}):]), challengeData(h.raw)}
}

// AppendWhoareyou appends the answer to a packet that could not be read: who are you? While
// an earlier one waits for its handshake it is repeated byte for byte, with the nonce that
// it had, as deployed nodes do and expect, though the specification would name the latest
// (devp2p/discv5/discv5-theory.md#handshake-implementation-considerations). The record is the
// newest known of the node, nil if there is none.
func (c *Codec) AppendWhoareyou(dst []byte, now time.Time, to enr.ID, addr netip.AddrPort, nonce Nonce, known *enr.Record) ([]byte, error) {
	p := endpointOf(to, addr)
	sent, waits := c.store.challenge(p, now)
	if !waits {
		record := c.Known(to, addr)
		if known != nil && (record == nil || record.Seq() <= known.Seq()) {
			record = known.Unverified()
		}
		var err error
		if sent, err = c.newSentChallenge(now, nonce, record); err != nil {
			return dst, err
		}
		c.store.challenges.Put(p, sent)
	}
	out := append(dst, sent.data[:]...)
	c.masker.maskHeader(maskOf(to), out[len(dst):])
	return out, nil
}

func (c *Codec) newSentChallenge(now time.Time, nonce Nonce, known *enr.UnverifiedRecord) (s sentChallenge, err error) {
	random := c.drawn[:len(idNonce{})]
	if _, err = io.ReadFull(c.rand, random); err != nil {
		return s, err
	}
	proof := idNonce(random)
	random = c.drawn[:ivSize]
	if _, err = io.ReadFull(c.rand, random); err != nil {
		return s, err
	}
	iv := [ivSize]byte(random)
	var seq uint64
	if known != nil {
		seq = known.Seq()
	}
	b := appendHeader(s.data[:0], iv, flagWhoareyou, nonce, whoareyouAuth)
	b = append(b, proof[:]...)
	binary.BigEndian.AppendUint64(b, seq)
	s.sent, s.known = now, known
	return s, nil
}

// AppendHandshake appends the packet that answers a challenge of a node and says m. From
// now on there is a session. With an error, such as [ErrTooLarge], nothing is appended.
func (c *Codec) AppendHandshake(dst []byte, to enr.Node, addr netip.AddrPort, challenge *Challenge, m Message) ([]byte, Nonce, error) {
	ephemeral, err := ecc.NewPrivateKey(c.rand)
	if err != nil {
		return dst, Nonce{}, err
	}
	nonce, iv, err := c.draw()
	if err != nil {
		return dst, Nonce{}, err
	}
	id := to.ID()
	k, err := deriveKeys(ephemeral, to.Key, c.id, id, challenge.data[:])
	if err != nil {
		return dst, Nonce{}, err
	}
	s := &session{seal: newGCM(k.initiator), open: newGCM(k.recipient), mask: maskOf(id)}
	if to.Record != nil {
		s.record = to.Record.Unverified()
	}

	var record []byte
	if challenge.ENRSeq == 0 || challenge.ENRSeq < c.record.Seq() {
		record = c.record.Raw()
	}
	public := ephemeral.Public().Compressed()
	signature := c.key.Sign(proofDigest(challenge.data[:], public, id))
	out := appendHeader(dst, iv, flagHandshake, nonce, handshakeAuthMin+len(record))
	out = append(out, c.id[:]...)
	out = append(out, signatureSize, keySize)
	out = append(out, signature[:signatureSize]...)
	out = append(out, public[:]...)
	out = append(out, record...)
	if out, err = c.seal(out, len(dst), s, nonce, m); err != nil {
		return out, Nonce{}, err
	}
	c.store.begin(endpointOf(id, addr), s)
	return out, nonce, nil
}

// openHandshake opens a handshake that answers a challenge, and begins the session if all of it is right. A challenge ends with its
// session, or after MaxFailures.
func (c *Codec) openHandshake(now time.Time, from netip.AddrPort, h header, message []byte) (p Packet, err error) {
	p = Packet{From: enr.ID(h.auth[:len(enr.ID{})]), Nonce: h.nonce}
	at := endpointOf(p.From, from)
	challenge, ok := c.store.challenge(at, now)
	if !ok {
		return Packet{}, ErrUnexpected
	}
	s, plain, err := c.checkHandshake(p.From, challenge, h, message)
	if err != nil {
		c.store.onFailure(at, challenge)
		return Packet{}, err
	}
	c.store.challenges.Delete(at)
	c.store.begin(at, s) // even if we do not know the message: its sender uses the keys from now on
	if p.Message, err = c.into.decode(plain); err != nil {
		return Packet{}, err
	}
	p.Record = s.record
	return p, nil
}

// checkHandshake returns the session and the message of a handshake. It runs the cheap checks first. It does not verify the
// record's own signature, which the caller does before it relays the record: the ID and the proof show that the record is about
// this node, and the message's tag, which covers the header, that the node sent it.
func (c *Codec) checkHandshake(from enr.ID, challenge sentChallenge, h header, message []byte) (*session, []byte, error) {
	if h.auth[signatureAt-2] != signatureSize || h.auth[signatureAt-1] != keySize {
		return nil, nil, ErrScheme
	}
	signature, rest := h.auth[signatureAt:][:signatureSize], h.auth[signatureAt+signatureSize:]
	ephemeral, err := ecc.ParseCompressed(rest[:keySize])
	if err != nil {
		return nil, nil, ErrProof
	}
	record, err := newerRecord(from, challenge.known, rest[keySize:])
	if err != nil {
		return nil, nil, err
	}
	if !record.PublicKey().Verify(proofDigest(challenge.data[:], [33]byte(rest), c.id), signature) {
		return nil, nil, ErrProof
	}
	k, err := deriveKeys(c.key, ephemeral, from, c.id, challenge.data[:])
	if err != nil {
		return nil, nil, err
	}
	s := &session{seal: newGCM(k.recipient), open: newGCM(k.initiator), mask: maskOf(from), record: record}
	plain, ok := c.open(s, h, message)
	if !ok {
		return nil, nil, ErrDecrypt
	}
	return s, plain, nil
}

// newerRecord returns the newer of the record that is known and the one that was sent.
func newerRecord(id enr.ID, known *enr.UnverifiedRecord, sent []byte) (*enr.UnverifiedRecord, error) {
	if len(sent) > 0 && (known == nil || !bytes.Equal(sent, known.Raw())) {
		c, err := enr.DecodeUnverified(sent)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRecord, err)
		}
		if known == nil || known.Seq() < c.Seq() {
			known = c
		}
	}
	if known == nil || known.ID() != id {
		return nil, ErrRecord
	}
	return known, nil
}
