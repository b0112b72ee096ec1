// SPDX-License-Identifier: Apache-2.0

// Package ecc holds node keys and does what they are for: signatures, recovery of the signer, and
// shared secrets on the curve secp256k1.
//
// In: keys, digests of 32 bytes, and signatures, as bytes. Out: the same, checked. Everything in
// ethpeer that needs a key takes an [*PrivateKey] from here:
//
//	key, err := ecc.NewPrivateKey(rand.Reader)
//	sig := key.Sign(digest)
//	pub, err := ecc.Recover(digest, sig[:]) // key.Public()
//
// No other package imports a curve library. The default build computes in Go with two libraries,
// each for what it does faster: decred's signs, recovers and multiplies the generator, gnark
// multiplies all other points. With -tags libsecp256k1 Bitcoin Core's C library computes, in a
// third to a half of the time. It multiplies by secrets in constant time; the Go build does not.
// The same vectors and fuzz targets test both builds.
//
// The curve and its encodings are those of SEC 1 and SEC 2 (https://www.secg.org); signatures are
// deterministic (RFC 6979) with a low s (EIP-2).
//
// The package has no state, and its values may be used by several goroutines. Limits: [Recovers]
// takes independent signatures together, and today loops over them.
package ecc
