// SPDX-License-Identifier: Apache-2.0

package enr

import (
	"encoding/hex"

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

// String returns 64 hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// Short returns the first 8 bytes in hexadecimal, enough to tell peers apart in a log.
func (id ID) Short() string { return hex.EncodeToString(id[:8]) }
