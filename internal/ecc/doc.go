// SPDX-License-Identifier: Apache-2.0

// Package ecc hides the two primitives that everything on this network stands on: the
// curve secp256k1 and the hash Keccak-256. No other package imports a curve or Keccak
// library, so that either can be replaced (by C, by assembly that hashes eight inputs at
// once) without a change elsewhere. Of the two curve libraries one signs and verifies, and
// the other does ECDH, which takes it less time; neither does so in constant time.
//
// Where independent inputs come in numbers there is an entry point that takes them all
// at once: [Sum256s], [Recovers]. Today they loop.
//
// Nothing here keeps state between calls, reads a clock, or finds randomness of its own.
package ecc
