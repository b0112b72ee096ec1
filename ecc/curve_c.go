// SPDX-License-Identifier: Apache-2.0

//go:build libsecp256k1 && cgo

package ecc

/*
#cgo pkg-config: libsecp256k1
#include <string.h>
#include <secp256k1.h>
#include <secp256k1_ecdh.h>
#include <secp256k1_recovery.h>

typedef const unsigned char *in;

static int parse(const secp256k1_context *c, secp256k1_pubkey *p, in xy) {
	unsigned char u[65];
	u[0] = 4;
	memcpy(u + 1, xy, 64);
	return secp256k1_ec_pubkey_parse(c, p, u, sizeof u);
}

static void serialize(const secp256k1_context *c, unsigned char *xy, const secp256k1_pubkey *p) {
	unsigned char u[65];
	size_t n = sizeof u;
	secp256k1_ec_pubkey_serialize(c, u, &n, p, SECP256K1_EC_UNCOMPRESSED);
	memcpy(xy, u + 1, 64);
}

static int ecc_public(const secp256k1_context *c, unsigned char *xy, in scalar) {
	secp256k1_pubkey p;
	if (!secp256k1_ec_pubkey_create(c, &p, scalar)) return 0;
	serialize(c, xy, &p);
	return 1;
}

static int ecc_is_point(const secp256k1_context *c, in xy) {
	secp256k1_pubkey p;
	return parse(c, &p, xy);
}

static int ecc_decompress(const secp256k1_context *c, unsigned char *xy, in compressed) {
	secp256k1_pubkey p;
	if (!secp256k1_ec_pubkey_parse(c, &p, compressed, 33)) return 0;
	serialize(c, xy, &p);
	return 1;
}

static int whole_point(unsigned char *out, in x, in y, void *data) {
	memcpy(out, x, 32);
	memcpy(out + 32, y, 32);
	return 1;
}

static int ecc_multiply(const secp256k1_context *c, unsigned char *product, in scalar, in xy) {
	secp256k1_pubkey p;
	return parse(c, &p, xy) && secp256k1_ecdh(c, product, &p, scalar, whole_point, NULL);
}

static int ecc_sign(const secp256k1_context *c, unsigned char *sig, in scalar, in digest) {
	secp256k1_ecdsa_recoverable_signature s;
	int id;
	if (!secp256k1_ecdsa_sign_recoverable(c, &s, digest, scalar, NULL, NULL)) return 0;
	secp256k1_ecdsa_recoverable_signature_serialize_compact(c, sig, &id, &s);
	sig[64] = (unsigned char)id;
	return 1;
}

static int ecc_verify(const secp256k1_context *c, in xy, in digest, in rs) {
	secp256k1_pubkey p;
	secp256k1_ecdsa_signature s;
	return parse(c, &p, xy) && secp256k1_ecdsa_signature_parse_compact(c, &s, rs) && secp256k1_ecdsa_verify(c, &s, digest, &p);
}

static int ecc_recover(const secp256k1_context *c, unsigned char *xy, in digest, in sig) {
	secp256k1_pubkey p;
	secp256k1_ecdsa_recoverable_signature s;
	if (!secp256k1_ecdsa_recoverable_signature_parse_compact(c, &s, sig, sig[64]) || !secp256k1_ecdsa_recover(c, &p, &s, digest)) return 0;
	serialize(c, xy, &p);
	return 1;
}
*/
import "C"

// Points are 64 bytes, X and Y. The functions accept any bytes of the right size, and return
// false for bytes that are no scalar, point or signature.

// context is created once and only read afterwards, so goroutines may share it.
var context = C.secp256k1_context_create(C.SECP256K1_CONTEXT_NONE)

func in(b []byte) C.in { return (*C.uchar)(&b[0]) }

func out(b []byte) *C.uchar { return (*C.uchar)(&b[0]) }

// publicOf returns the generator times a scalar.
func publicOf(scalar *[32]byte) (xy [64]byte, ok bool) {
	ok = C.ecc_public(context, out(xy[:]), in(scalar[:])) == 1
	return xy, ok
}

func isPoint(xy *[64]byte) bool { return C.ecc_is_point(context, in(xy[:])) == 1 }

func multiply(scalar *[32]byte, xy *[64]byte) (product [64]byte, ok bool) {
	ok = C.ecc_multiply(context, out(product[:]), in(scalar[:]), in(xy[:])) == 1
	return product, ok
}

func decompress(c *[33]byte) (xy [64]byte, ok bool) {
	ok = C.ecc_decompress(context, out(xy[:]), in(c[:])) == 1
	return xy, ok
}

func sign(scalar, digest *[32]byte) (sig [65]byte) {
	if C.ecc_sign(context, out(sig[:]), in(scalar[:]), in(digest[:])) != 1 {
		panic("ecc: a key does not sign") // signing fails only for a scalar that is no key
	}
	return sig
}

// verify refuses an s in the upper half, as the library does.
func verify(xy *[64]byte, digest *[32]byte, rs *[64]byte) bool {
	return C.ecc_verify(context, in(xy[:]), in(digest[:]), in(rs[:])) == 1
}

func recoverPoint(digest *[32]byte, sig *[65]byte) (xy [64]byte, ok bool) {
	ok = C.ecc_recover(context, out(xy[:]), in(digest[:]), in(sig[:])) == 1
	return xy, ok
}
