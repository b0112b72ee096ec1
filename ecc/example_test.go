// SPDX-License-Identifier: Apache-2.0

package ecc_test

import (
	"bytes"
	"fmt"

	"github.com/ethpeer/ethpeer/ecc"
)

// Sign a digest and recover the signer. A real program draws its key with
// NewPrivateKey(rand.Reader).
func Example() {
	key, err := ecc.ParsePrivateKey(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		panic(err)
	}
	digest := [32]byte{1, 2, 3}
	sig := key.Sign(digest)
	signer, err := ecc.Recover(digest, sig[:])
	fmt.Println(signer == key.Public(), err)
	fmt.Println(signer.Verify(digest, sig[:64]), signer.Verify([32]byte{}, sig[:64]))
	fmt.Println(key) // a key never prints its secret
	// Output:
	// true <nil>
	// true false
	// ecc.PrivateKey(secret)
}

// Both sides of an exchange compute the same secret.
func ExamplePrivateKey_SharedX() {
	a, _ := ecc.ParsePrivateKey(bytes.Repeat([]byte{1}, 32))
	b, _ := ecc.ParsePrivateKey(bytes.Repeat([]byte{2}, 32))
	x, _ := a.SharedX(b.Public())
	y, _ := b.SharedX(a.Public())
	fmt.Println(x == y)
	// Output: true
}
