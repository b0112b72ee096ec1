// SPDX-License-Identifier: Apache-2.0

package v5wire

import (
	"crypto/cipher"
	"io"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
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
	masker masker
	drawn  [len(Nonce{}) + ivSize]byte // random bytes for one packet
	head   []byte                      // the header that was opened last
	opened []byte                      // the message that was opened last, which others borrow
	into   messages                    // what it says
	sealed []byte                      // the message to be sealed
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
func (c *Codec) Known(id enr.ID, addr netip.AddrPort) *enr.UnverifiedRecord {
	if s := c.store.session(endpointOf(id, addr)); s != nil {
		return s.record
	}
	return nil
}

// AppendMessage appends the packet that says m to a node. Without a session a request goes
// out as random bytes, which the node answers with a [Challenge] that names the nonce; then
// repeat it with [Codec.AppendHandshake]. A response without a session is [ErrNoSession]. A message
// that is too long is [ErrTooLarge]. With an error nothing is appended.
func (c *Codec) AppendMessage(dst []byte, to enr.ID, addr netip.AddrPort, m Message) ([]byte, Nonce, error) {
	p := endpointOf(to, addr)
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
	nonce, iv, err := c.draw()
	if err != nil {
		return dst, Nonce{}, err
	}
	s.count(&nonce)
	out := appendHeader(dst, iv, flagMessage, nonce, messageAuth)
	out = append(out, c.id[:]...)
	out, err = c.seal(out, len(dst), s, nonce, m)
	return out, nonce, err
}

// draw returns the random bytes of a packet.
func (c *Codec) draw() (nonce Nonce, iv [ivSize]byte, err error) {
	_, err = io.ReadFull(c.rand, c.drawn[:])
	return Nonce(c.drawn[:len(nonce)]), [ivSize]byte(c.drawn[len(nonce):]), err
}

// seal appends the message to the packet that begins at start with an unmasked header, and
// masks the header.
func (c *Codec) seal(out []byte, start int, s *session, nonce Nonce, m Message) ([]byte, error) {
	c.sealed = appendMessage(c.sealed[:0], m)
	head := len(out)
	if head-start+len(c.sealed)+tagSize > MaxSize {
		return out[:start], ErrTooLarge
	}
	copy(c.drawn[:], nonce[:]) // where it can be lent without an allocation
	out = s.seal.Seal(out, c.drawn[:len(nonce)], c.sealed, out[start:])
	c.masker.maskHeader(s.mask, out[start:head])
	return out, nil
}

// appendRandom appends a packet of random content.
func (c *Codec) appendRandom(dst []byte, to enr.ID) ([]byte, Nonce, error) {
	var noise [randomSize]byte
	nonce, iv, err := c.draw()
	if err != nil {
		return dst, Nonce{}, err
	}
	if _, err := io.ReadFull(c.rand, noise[:]); err != nil {
		return dst, Nonce{}, err
	}
	out := appendHeader(dst, iv, flagMessage, nonce, messageAuth)
	out = append(out, c.id[:]...)
	c.masker.maskHeader(maskOf(to), out[len(dst):])
	return append(out, noise[:]...), nonce, nil
}

// A Packet is what a datagram says. Where it has neither Message nor Challenge it cannot
// be read: answer it with [Codec.AppendWhoareyou].
type Packet struct {
	From      enr.ID // the stated sender, proven if there is a Message; zero with a Challenge
	Nonce     Nonce
	Message   Message               // it is borrowed until the next Decode, as is what it holds
	Challenge *Challenge            // of no worth unless its nonce is that of a request that was sent there
	Record    *enr.UnverifiedRecord // the sender's record, if the packet ended a handshake
}

// Decode opens a datagram that came from an address.
func (c *Codec) Decode(now time.Time, from netip.AddrPort, datagram []byte) (Packet, error) {
	h, message, err := openHeader(c.head, &c.masker, c.mask, datagram)
	if err != nil {
		return Packet{}, err
	}
	c.head = h.raw
	switch h.flag {
	case flagWhoareyou:
		return Packet{Nonce: h.nonce, Challenge: newChallenge(h)}, nil
	case flagHandshake:
		return c.openHandshake(now, from, h, message)
	default:
		return c.openMessage(from, h, message)
	}
}

// open decrypts a message into c.opened.
func (c *Codec) open(s *session, h header, message []byte) ([]byte, bool) {
	copy(c.drawn[:], h.nonce[:])
	plain, ok := s.openMessage(c.opened[:0], c.drawn[:len(h.nonce)], h.raw, message)
	if ok {
		c.opened = plain
	}
	return plain, ok
}

func (c *Codec) openMessage(from netip.AddrPort, h header, message []byte) (p Packet, err error) {
	p = Packet{From: enr.ID(h.auth), Nonce: h.nonce}
	s := c.store.session(endpointOf(p.From, from))
	if s == nil {
		return p, nil
	}
	plain, ok := c.open(s, h, message)
	if !ok {
		return p, nil
	}
	if p.Message, err = c.into.decode(plain); err != nil {
		return Packet{}, err
	}
	return p, nil
}
