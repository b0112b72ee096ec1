// SPDX-License-Identifier: Apache-2.0

// Package ecc hides the two primitives that everything on this network stands on: the
// curve secp256k1 and the hash Keccak-256. No other package imports a curve or Keccak
// library, so that either can be replaced (by C, by assembly that hashes eight inputs at
// once) without a change elsewhere.
//
// The curve is one of two: in Go (curve_go.go), where of two libraries one signs, recovers and
// multiplies the generator, and the other multiplies all other points, each what takes it less time;
// or, with -tags libsecp256k1, Bitcoin Core's in C (curve_c.go), which takes a third to a half of
// the time. The same vectors and fuzz targets hold for both; only the one in C multiplies by
// secrets in constant time.
//
// Where independent inputs come in numbers there is an entry point that takes them all
// at once: [Sum256s], [Recovers]. Today they loop.
//
// Nothing here keeps state between calls, reads a clock, or finds randomness of its own.
package ecc
