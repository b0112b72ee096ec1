// SPDX-License-Identifier: Apache-2.0

// Package keccak computes Keccak-256, the hash of Ethereum. No other package imports a Keccak
// library, so that assembly that hashes eight inputs at once can replace it.
//
// [Sum256s] takes independent inputs together; today it loops over them.
package keccak
