// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/ethpeer/ethpeer/ecc"
)

// A handshake packet has one of two formats. The legacy one is an ECIES packet of a fixed
// size. That of EIP-8 begins with the size of the ECIES packet that follows, two bytes that
// its tag covers.

const (
	prefixSize = 2

	legacyAuthSize = 307
	legacyAckSize  = 210

	// maxPacket bounds the size in the prefix; go-ethereum accepts no more either.
	maxPacket = 2048

	// Padding makes an EIP-8 packet longer than any legacy one, and its length random.
	minPadding = 100
	maxPadding = 299
)

var (
	errTruncated = errors.New("packet is truncated")
	errTrailing  = errors.New("bytes after the packet")
)

// AuthNeeds returns how many bytes to read before it can say more about an auth packet
// that begins with have: 0 if have is the whole packet. Reading exactly so many never reads
// beyond the packet. A size that no auth has is an error.
func AuthNeeds(have []byte) (more int, err error) {
	return needs("auth", have, legacyAuthSize)
}

// AckNeeds is [AuthNeeds] for an ack packet.
func AckNeeds(have []byte) (more int, err error) {
	return needs("ack", have, legacyAckSize)
}

func needs(name string, have []byte, legacySize int) (more int, err error) {
	if len(have) < prefixSize {
		return prefixSize - len(have), nil
	}
	size := prefixSize + int(binary.BigEndian.Uint16(have))
	if have[0] == uncompressed {
		// Either a legacy packet or a size from 1024 to 1279; all of a legacy packet tells
		// and is in any case not too much.
		if len(have) < legacySize {
			return legacySize - len(have), nil
		}
		if isLegacy(have) {
			size = legacySize
		}
	}
	switch {
	case size < legacySize:
		// EIP-8 pads every packet beyond the legacy size.
		return 0, badHandshake(name, fmt.Errorf("size of %d bytes in the prefix, want at least %d", size-prefixSize, legacySize))
	case size > prefixSize+maxPacket:
		return 0, badHandshake(name, fmt.Errorf("size of %d bytes in the prefix, limit is %d", size-prefixSize, maxPacket))
	case len(have) > size:
		return 0, badHandshake(name, errTrailing)
	}
	return size - len(have), nil
}

// isLegacy reports whether a packet that begins with byte 4 is a legacy one: then a point
// follows. At that place of an EIP-8 packet 64 bytes are on the curve once in 2²⁵⁶, so that
// the two formats can be told apart without a key, and without decrypting twice.
func isLegacy(packet []byte) bool {
	if packet[0] != uncompressed {
		return false
	}
	_, err := ecc.ParsePublicKey(packet[1:eciesKeySize])
	return err == nil
}

// openPacket decrypts a whole packet.
func openPacket(name string, key *ecc.PrivateKey, packet []byte, legacySize int) (plain []byte, legacy bool, err error) {
	more, err := needs(name, packet, legacySize)
	if err != nil {
		return nil, false, err
	}
	if more > 0 {
		return nil, false, badHandshake(name, errTruncated)
	}
	if legacy = isLegacy(packet); legacy {
		plain, err = openECIES(key, packet, nil)
	} else {
		plain, err = openECIES(key, packet[prefixSize:], packet[:prefixSize])
	}
	if err != nil {
		return nil, false, badHandshake(name, err)
	}
	return plain, legacy, nil
}

// sealPacket pads and encrypts the list of an EIP-8 packet.
func sealPacket(rand io.Reader, to ecc.PublicKey, list []byte) ([]byte, error) {
	var draw [2]byte
	if _, err := io.ReadFull(rand, draw[:]); err != nil {
		return nil, fmt.Errorf("rlpx: no randomness: %w", err)
	}
	padding := minPadding + int(binary.BigEndian.Uint16(draw[:]))%(maxPadding-minPadding+1)
	plain := append(list, make([]byte, padding)...)

	prefix := binary.BigEndian.AppendUint16(nil, uint16(len(plain)+eciesOverhead))
	return sealECIES(prefix, rand, to, plain, prefix)
}
