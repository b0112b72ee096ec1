// SPDX-License-Identifier: Apache-2.0

package v5wire

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"

	"github.com/ethpeer/ethpeer/enr"
)

// Bounds of a datagram, in bytes (devp2p/discv5/discv5-wire.md#udp-communication).
const (
	MinSize = 63
	MaxSize = 1280
)

// A Nonce names a packet, and is what its message is encrypted with.
type Nonce [12]byte

// flag says what a packet is (devp2p/discv5/discv5-wire.md#protocol-header).
type flag byte

const (
	flagMessage flag = iota
	flagWhoareyou
	flagHandshake
)

// protocol begins the static header: protocol ID, and version 1.
const protocol = "discv5\x00\x01"

// Sizes and places.
const (
	ivSize        = 16
	flagAt        = ivSize + len(protocol)
	nonceAt       = flagAt + 1
	authSizeAt    = nonceAt + len(Nonce{})
	authAt        = authSizeAt + 2
	messageAuth   = len(enr.ID{})
	whoareyouAuth = len(idNonce{}) + 8
	tagSize       = 16 // of AES-GCM
	whoareyouSize = authAt + whoareyouAuth
)

// A header is what comes before the message, unmasked.
type header struct {
	raw   []byte // IV, static header and authdata; what the message is authenticated with
	flag  flag
	nonce Nonce
	auth  []byte // authdata, the end of raw
}

// openHeader unmasks the header of a packet into dst, which it returns in header.raw, and
// returns what follows it. The mask is that of our own ID. Sizes are checked before anything
// is looked at.
func openHeader(dst []byte, m *masker, mask cipher.Block, packet []byte) (h header, message []byte, err error) {
	if len(packet) < MinSize || len(packet) > MaxSize {
		return h, nil, ErrSize
	}
	m.begin(mask, packet[:ivSize])
	h.raw = append(dst[:0], packet[:authAt]...)
	m.xor(h.raw[ivSize:])
	// A version above 1 is for us as long as it keeps the header.
	if string(h.raw[ivSize:flagAt-2]) != protocol[:6] || binary.BigEndian.Uint16(h.raw[flagAt-2:]) == 0 {
		return h, nil, ErrHeader
	}
	h.flag = flag(h.raw[flagAt])
	h.nonce = Nonce(h.raw[nonceAt:authSizeAt])
	size := int(binary.BigEndian.Uint16(h.raw[authSizeAt:]))
	if size > len(packet)-authAt {
		return h, nil, ErrAuthData
	}
	h.raw = append(h.raw, packet[authAt:authAt+size]...)
	h.auth = h.raw[authAt:]
	m.xor(h.auth)
	return h, packet[authAt+size:], h.checkSizes(len(packet) - authAt - size)
}

// checkSizes checks the sizes that the flag demands of the authdata and of the message.
func (h *header) checkSizes(message int) error {
	switch h.flag {
	case flagMessage:
		if len(h.auth) != messageAuth || message < tagSize {
			return ErrAuthData
		}
	case flagWhoareyou:
		if len(h.auth) != whoareyouAuth || message != 0 {
			return ErrAuthData
		}
	case flagHandshake:
		if len(h.auth) < handshakeAuthMin || message < tagSize {
			return ErrAuthData
		}
	default:
		return ErrHeader
	}
	return nil
}

// appendHeader appends a header, not masked yet, for authdata of the given size, which the
// caller appends next.
func appendHeader(dst []byte, iv [ivSize]byte, f flag, nonce Nonce, authSize int) []byte {
	dst = append(dst, iv[:]...)
	dst = append(dst, protocol...)
	dst = append(dst, byte(f))
	dst = append(dst, nonce[:]...)
	return binary.BigEndian.AppendUint16(dst, uint16(authSize))
}

// maskHeader masks a header in endpoint, for the node whose mask it is. What it does it also
// undoes.
func (m *masker) maskHeader(mask cipher.Block, h []byte) {
	m.begin(mask, h[:ivSize])
	m.xor(h[ivSize:])
}

// A masker hides headers and shows them: AES-CTR, as cipher.NewCTR does it, but without an
// allocation for each packet.
type masker struct {
	mask         cipher.Block
	counter, key [ivSize]byte
	used         int // of key
}

// begin begins the key stream of a mask and an IV.
func (m *masker) begin(mask cipher.Block, iv []byte) {
	m.mask, m.counter, m.used = mask, [ivSize]byte(iv), ivSize
}

// xor applies the next part of the key stream.
func (m *masker) xor(b []byte) {
	for len(b) > 0 {
		if m.used == ivSize {
			m.mask.Encrypt(m.key[:], m.counter[:])
			m.used = 0
			for i := ivSize - 1; i >= 0; i-- {
				m.counter[i]++
				if m.counter[i] != 0 {
					break
				}
			}
		}
		n := subtle.XORBytes(b, b, m.key[m.used:])
		m.used += n
		b = b[n:]
	}
}

// maskOf returns the cipher that masks headers for one recipient (devp2p/discv5/discv5-wire.md#packet-encoding).
func maskOf(to enr.ID) cipher.Block { return newAES([16]byte(to[:16])) }

func newAES(key [16]byte) cipher.Block {
	b, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // only for keys of other lengths
	}
	return b
}
