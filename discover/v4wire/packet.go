// SPDX-License-Identifier: Apache-2.0

package v4wire

import (
	"errors"
	"fmt"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
)

// MaxSize bounds a datagram, in bytes (devp2p/discv4.md#wire-protocol).
const MaxSize = 1280

// Where the parts of a datagram begin.
const (
	signatureAt = 32
	typeAt      = signatureAt + 65
	dataAt      = typeAt + 1
)

// What can be wrong with a datagram. Match with errors.Is.
var (
	ErrTooShort  = fmt.Errorf("v4wire: datagram has less than %d bytes", dataAt)
	ErrTooLarge  = fmt.Errorf("v4wire: datagram has more than %d bytes", MaxSize)
	ErrHash      = errors.New("v4wire: datagram does not begin with its hash")
	ErrType      = errors.New("v4wire: unknown packet type")
	ErrSignature = errors.New("v4wire: signature is not valid")
	ErrKey       = errors.New("v4wire: key is not a point of secp256k1")
)

// A Hash is the Keccak-256 of a datagram's bytes after the hash itself. Replies name their
// request by it.
type Hash [32]byte

// A Datagram is a packet that has its right size and hash. Nothing else was checked. It
// borrows the bytes that it was made of.
type Datagram struct {
	Hash Hash
	b    []byte
}

// Open checks the size and the hash. An error says that b is no packet of this protocol.
func Open(b []byte) (Datagram, error) {
	switch {
	case len(b) < dataAt:
		return Datagram{}, ErrTooShort
	case len(b) > MaxSize:
		return Datagram{}, ErrTooLarge
	}
	hash := Hash(keccak.Sum256(b[signatureAt:]))
	if hash != Hash(b[:signatureAt]) {
		return Datagram{}, ErrHash
	}
	return Datagram{hash, b}, nil
}

// Message decodes what the datagram says. The message owns its bytes, except the record of
// an [ENRResponse], which is borrowed.
func (d Datagram) Message() (Message, error) {
	m := newMessage(Type(d.b[typeAt]))
	if m == nil {
		return nil, fmt.Errorf("%w %d", ErrType, d.b[typeAt])
	}
	c := rlp.Read(d.b[dataAt:])
	c.List(m.Type().String())
	m.decode(&c)
	c.EndOpen()
	if err := c.Err(); err != nil {
		return nil, err
	}
	return m, nil
}

// Sender recovers the key that signed the datagram. This takes longer than all else.
func (d Datagram) Sender() (ecc.PublicKey, error) {
	key, err := ecc.Recover(keccak.Sum256(d.b[typeAt:]), d.b[signatureAt:typeAt])
	if err != nil {
		return ecc.PublicKey{}, ErrSignature
	}
	return key, nil
}

// A Packet is all that a datagram says.
type Packet struct {
	Hash    Hash
	Sender  ecc.PublicKey
	Message Message
}

// Decode opens a datagram. The record of an [ENRResponse] is borrowed from b.
func Decode(b []byte) (p Packet, err error) {
	d, err := Open(b)
	if err != nil {
		return Packet{}, err
	}
	p.Hash = d.Hash
	if p.Message, err = d.Message(); err != nil {
		return Packet{}, err
	}
	if p.Sender, err = d.Sender(); err != nil {
		return Packet{}, err
	}
	return p, nil
}

// Append appends the datagram that says m, signed with the key, and returns its hash, which
// the reply to it will name. It fails with [ErrTooLarge] and then appends nothing.
func Append(dst []byte, key *ecc.PrivateKey, m Message) ([]byte, Hash, error) {
	start := len(dst)
	out := append(dst, make([]byte, typeAt)...)
	out = append(out, byte(m.Type()))
	out, list := rlp.OpenList(out)
	out = rlp.CloseList(m.append(out), list)

	b := out[start:]
	if len(b) > MaxSize {
		return dst, Hash{}, ErrTooLarge
	}
	signature := key.Sign(keccak.Sum256(b[typeAt:]))
	copy(b[signatureAt:], signature[:])
	hash := Hash(keccak.Sum256(b[signatureAt:]))
	copy(b, hash[:])
	return out, hash, nil
}

// Expired reports whether a message came too late to be looked at. ENRResponse never does:
// it names its request.
func Expired(m Message, now time.Time) bool {
	at, ok := m.expires()
	return ok && at < now.Unix()
}
