// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/ethpeer/ethpeer/ecc"
)

// A handshake packet has one of two formats. The legacy format is an ECIES packet of a fixed size.
// The format of EIP-8 is the size of an ECIES packet in two bytes, which its tag covers, and that
// packet.

const (
	prefixSize = 2

	legacyAuthSize = 307
	legacyAckSize  = 210

	// maxPacket is the largest size in the prefix; it is go-ethereum's limit, too.
	maxPacket = 2048

	// Padding makes an EIP-8 packet longer than a legacy one, and its length random (EIP-8).
	minPadding = 100
	maxPadding = 299
)

var (
	errTruncated = errors.New("packet is truncated")
	errTrailing  = errors.New("bytes after the packet")
)

// AuthNeeds returns how many more bytes to read of an auth packet that starts with have; 0 if have
// is the whole packet. It may have to be asked again when they are read. It never returns more
// bytes than belong to the packet. It fails for a size that no auth has.
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
		// The packet is a legacy one, or has a size from 1024 to 1279. As many bytes as a
		// legacy packet has decide, and belong to the packet in both cases.
		if len(have) < legacySize {
			return legacySize - len(have), nil
		}
		if isLegacy(have) {
			size = legacySize
		}
	}
	switch {
	case size < legacySize:
		// EIP-8 pads every packet to more than the legacy size.
		return 0, badHandshake(name, fmt.Errorf("size of %d bytes in the prefix, want at least %d", size-prefixSize, legacySize))
	case size > prefixSize+maxPacket:
		return 0, badHandshake(name, fmt.Errorf("size of %d bytes in the prefix, limit is %d", size-prefixSize, maxPacket))
	case len(have) > size:
		return 0, badHandshake(name, errTrailing)
	}
	return size - len(have), nil
}

// isLegacy reports whether a packet is a legacy one: it begins with byte 4, and a point of the
// curve follows. An EIP-8 packet with that first byte has ciphertext there, which is a point once
// in 2²⁵⁶. So the formats are distinguished without a key, and without decrypting twice.
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
