// SPDX-License-Identifier: Apache-2.0

// Package ecc holds node keys: secp256k1 key pairs, signatures, public key recovery and ECDH.
//
//	key, err := ecc.NewPrivateKey(rand.Reader)
//	sig := key.Sign(digest)
//	pub, err := ecc.Recover(digest, sig[:]) // key.Public()
//
// No other package imports a curve library. The default build computes in Go (curve_go.go): decred's
// library signs, recovers and multiplies the generator, gnark multiplies all other points, each where it
// is the faster one. With -tags libsecp256k1 Bitcoin Core's C library computes (curve_c.go), in a third
// to a half of the time, and multiplies by secrets in constant time; the Go build does not. The same
// vectors and fuzz targets hold for both.
//
// [Recovers] takes independent signatures together; today it loops over them.
//
// The package is pure: no state between calls, no clock, no randomness of its own.
package ecc
