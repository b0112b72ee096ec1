// SPDX-License-Identifier: Apache-2.0

package types

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/ethpeer/ethpeer/internal/mpt"
)

// A Hash is a Keccak-256 digest.
type Hash [32]byte

// An Address is the last 20 bytes of the Keccak-256 of a public key.
type Address [20]byte

// ParseHash reads 64 hexadecimal digits, with or without 0x before them.
func ParseHash(s string) (h Hash, err error) {
	err = parseHex(h[:], "hash", s)
	return h, err
}

// ParseAddress reads 40 hexadecimal digits, with or without 0x before them. Upper and lower
// case mean the same: a checksum in the case of the letters (EIP-55) is not verified.
func ParseAddress(s string) (a Address, err error) {
	err = parseHex(a[:], "address", s)
	return a, err
}

func parseHex(dst []byte, name, s string) error {
	digits := strings.TrimPrefix(s, "0x")
	if len(digits) != hex.EncodedLen(len(dst)) {
		return fmt.Errorf("types: %s has %d hexadecimal digits, want %d", name, len(digits), hex.EncodedLen(len(dst)))
	}
	b, err := hex.DecodeString(digits)
	if err != nil {
		return fmt.Errorf("types: %s has characters that are not hexadecimal digits", name)
	}
	copy(dst, b)
	return nil
}

// String returns 0x and 64 hexadecimal digits.
func (h Hash) String() string { return "0x" + hex.EncodeToString(h[:]) }

// IsZero reports whether h is all zeros.
func (h Hash) IsZero() bool { return h == Hash{} }

// String returns 0x and 40 hexadecimal digits in lower case.
func (a Address) String() string { return "0x" + hex.EncodeToString(a[:]) }

// Hashes of empty lists.
var (
	// EmptyRoot is the root of an empty list of transactions, receipts or withdrawals.
	EmptyRoot = Hash(mpt.EmptyRoot)
	// EmptyUncleHash is the Keccak-256 of the empty RLP list.
	EmptyUncleHash = Hash{
		0x1d, 0xcc, 0x4d, 0xe8, 0xde, 0xc7, 0x5d, 0x7a, 0xab, 0x85, 0xb5, 0x67, 0xb6, 0xcc, 0xd4, 0x1a,
		0xd3, 0x12, 0x45, 0x1b, 0x94, 0x8a, 0x74, 0x13, 0xf0, 0xa1, 0x42, 0xfd, 0x40, 0xd4, 0x93, 0x47,
	}
)
