// SPDX-License-Identifier: Apache-2.0

package enr

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/internal/keccak"
)

// An ID names a node: the Keccak-256 of its public key's X and Y
// (devp2p/enr.md#v4-identity-scheme).
type ID [32]byte

// IDOf returns the ID of the node that holds the key.
func IDOf(k ecc.PublicKey) ID {
	xy := k.Bytes()
	return ID(keccak.Sum256(xy[:]))
}

// ParseID reads the 64 hexadecimal digits of an ID, with or without 0x before them.
func ParseID(s string) (id ID, err error) {
	digits := strings.TrimPrefix(s, "0x")
	if len(digits) != hex.EncodedLen(len(id)) {
		return ID{}, fmt.Errorf("enr: a node ID has 64 hexadecimal digits, not %d", len(digits))
	}
	b, err := hex.DecodeString(digits)
	if err != nil {
		return ID{}, errors.New("enr: the node ID has characters that are not hexadecimal digits")
	}
	return ID(b), nil
}

// String returns 64 hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// Short returns the first 8 bytes in hexadecimal, enough to tell peers apart in a log.
func (id ID) Short() string { return hex.EncodeToString(id[:8]) }
