// SPDX-License-Identifier: Apache-2.0

// Package keccak computes Keccak-256, Ethereum's hash function.
//
// In: bytes. Out: 32 bytes. Keccak-256 is SHA-3 with the padding of the original submission, as
// the yellow paper uses it; FIPS 202 changed the padding afterwards. No other package imports a
// Keccak library, so that one which hashes several inputs at once can replace it here.
// [Sum256s] takes independent inputs for that purpose; today it loops over them.
//
// The package has no state and accepts any input.
package keccak
