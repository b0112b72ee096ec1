// SPDX-License-Identifier: Apache-2.0

package types

import "encoding/hex"

// A Hash is a Keccak-256 digest.
type Hash [32]byte

// An Address is the last 20 bytes of the Keccak-256 of a public key.
type Address [20]byte

// String returns 0x and 64 hexadecimal digits.
func (h Hash) String() string { return "0x" + hex.EncodeToString(h[:]) }

// IsZero reports whether h is all zeros.
func (h Hash) IsZero() bool { return h == Hash{} }

// String returns 0x and 40 hexadecimal digits in lower case.
func (a Address) String() string { return "0x" + hex.EncodeToString(a[:]) }
