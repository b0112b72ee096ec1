// SPDX-License-Identifier: Apache-2.0

package v5wire

import (
	"crypto/cipher"
	"io"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/ecc"
)

// randomSize is how many random bytes stand for a message where there are no keys.
const randomSize = 20

// A Codec reads and writes the packets of one node. It belongs to one goroutine.
type Codec struct {
	rand   io.Reader
	key    *ecc.PrivateKey
	id     enr.ID
	mask   cipher.Block
	record *enr.Record // our own
	store  store
	head   []byte // the header that was opened last
	opened []byte // the message that was opened last, which others borrow
	sealed []byte // the message to be sealed
}

// NewCodec returns the codec of the node that has the key, and the record that the key
// signed. Randomness must be fit for keys.
func NewCodec(rand io.Reader, key *ecc.PrivateKey, record *enr.Record) *Codec {
	id := enr.IDOf(key.Public())
	return &Codec{rand: rand, key: key, id: id, mask: maskOf(id), record: record, store: newStore()}
}

// SetRecord replaces the record that handshakes give to others.
func (c *Codec) SetRecord(r *enr.Record) { c.record = r }

// Sessions returns how many sessions there are, at most [MaxSessions].
func (c *Codec) Sessions() int { return c.store.sessions.Len() }

// Known returns the record of a node that there is a session with, and nil if there is
// none or its record is not known.
func (c *Codec) Known(id enr.ID, addr netip.AddrPort) *enr.Record {
	if s := c.store.session(placeOf(id, addr)); s != nil {
		return s.record
	}
	return nil
}

// AppendMessage appends the packet that says m to a node. Without a session a request goes
// out as random bytes, which the node answers with a [Challenge] that names the nonce; then
// repeat it with [Codec.AppendHandshake]. A response without a session is [ErrNoSession]. A message
// that is too long is [ErrTooLarge]. With an error nothing is appended.
func (c *Codec) AppendMessage(dst []byte, to enr.ID, addr netip.AddrPort, m Message) ([]byte, Nonce, error) {
	p := placeOf(to, addr)
	s := c.store.session(p)
	if s != nil && s.spent() {
		c.store.sessions.Delete(p)
		s = nil
	}
	if s == nil {
		if !m.Kind().IsRequest() {
			return dst, Nonce{}, ErrNoSession
		}
		return c.appendRandom(dst, to)
	}
	nonce, err := s.nextNonce(c.rand)
	if err != nil {
		return dst, Nonce{}, err
	}
	iv, err := c.newIV()
	if err != nil {
		return dst, Nonce{}, err
	}
	out := appendHeader(dst, iv, flagMessage, nonce, messageAuth)
	out = append(out, c.id[:]...)
	out, err = c.seal(out, len(dst), s.seal, nonce, to, m)
	return out, nonce, err
}

func (c *Codec) newIV() (iv [ivSize]byte, err error) {
	_, err = io.ReadFull(c.rand, iv[:])
	return iv, err
}

// seal appends the message to the packet that begins at start with an unmasked header, and
// masks the header.
func (c *Codec) seal(out []byte, start int, key cipher.AEAD, nonce Nonce, to enr.ID, m Message) ([]byte, error) {
	c.sealed = appendMessage(c.sealed[:0], m)
	head := len(out)
	if head-start+len(c.sealed)+tagSize > MaxSize {
		return out[:start], ErrTooLarge
	}
	out = key.Seal(out, nonce[:], c.sealed, out[start:])
	maskHeader(to, out[start:head])
	return out, nil
}

// appendRandom appends a packet that nobody can read.
func (c *Codec) appendRandom(dst []byte, to enr.ID) ([]byte, Nonce, error) {
	var r struct {
		nonce Nonce
		iv    [ivSize]byte
		noise [randomSize]byte
	}
	for _, b := range [][]byte{r.nonce[:], r.iv[:], r.noise[:]} {
		if _, err := io.ReadFull(c.rand, b); err != nil {
			return dst, Nonce{}, err
		}
	}
	out := appendHeader(dst, r.iv, flagMessage, r.nonce, messageAuth)
	out = append(out, c.id[:]...)
	maskHeader(to, out[len(dst):])
	return append(out, r.noise[:]...), r.nonce, nil
}

// A Packet is what a datagram says. Where it has neither Message nor Challenge it cannot
// be read: answer it with [Codec.AppendWhoareyou].
type Packet struct {
	From      enr.ID // who says that it sent the packet, and did if there is a Message; zero with a Challenge
	Nonce     Nonce
	Message   Message     // what it holds is borrowed until the next Decode
	Challenge *Challenge  // of no worth unless its nonce is that of a request that was sent there
	Record    *enr.Record // the sender's, if the packet ended a handshake
}

// Decode opens a datagram that came from an address.
func (c *Codec) Decode(now time.Time, from netip.AddrPort, datagram []byte) (Packet, error) {
	h, message, err := openHeader(c.head, c.mask, datagram)
	if err != nil {
		return Packet{}, err
	}
	c.head = h.raw
	switch h.flag {
	case flagWhoareyou:
		return Packet{Nonce: h.nonce, Challenge: newChallenge(&h)}, nil
	case flagHandshake:
		return c.openHandshake(now, from, &h, message)
	default:
		return c.openMessage(from, &h, message)
	}
}

func (c *Codec) openMessage(from netip.AddrPort, h *header, message []byte) (p Packet, err error) {
	p = Packet{From: enr.ID(h.auth), Nonce: h.nonce}
	s := c.store.session(placeOf(p.From, from))
	if s == nil {
		return p, nil
	}
	plain, ok := s.openMessage(c.opened[:0], h, message)
	if !ok {
		return p, nil
	}
	c.opened = plain
	if p.Message, err = decodeMessage(plain); err != nil {
		return Packet{}, err
	}
	return p, nil
}
