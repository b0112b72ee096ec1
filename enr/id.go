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

// An ID identifies a node: it is the Keccak-256 of X and Y of the node's public key
// (devp2p/enr.md#v4-identity-scheme).
type ID [32]byte

// IDOf returns the ID of the node with this key.
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

// Short returns 16 hexadecimal digits, the first 8 bytes, which distinguish peers in a log.
func (id ID) Short() string { return hex.EncodeToString(id[:8]) }
