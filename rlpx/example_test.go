// SPDX-License-Identifier: Apache-2.0

package rlpx_test

import (
	"bytes"
	"crypto/rand"
	"fmt"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/rlpx"
)

// Shake hands and send one message. Over a network each packet is written to a socket and read
// from the other; here it is handed over.
func Example() {
	alice, _ := ecc.ParsePrivateKey(bytes.Repeat([]byte{1}, 32))
	bob, _ := ecc.ParsePrivateKey(bytes.Repeat([]byte{2}, 32))

	initiator, auth, err := rlpx.StartInitiator(rand.Reader, alice, bob.Public())
	if err != nil {
		panic(err)
	}
	from, ack, bobsKeys, err := rlpx.AnswerAuth(rand.Reader, bob, auth)
	if err != nil {
		panic(err)
	}
	fmt.Println("bob is called by alice:", from == alice.Public())
	alicesKeys, err := initiator.Finish(ack)
	if err != nil {
		panic(err)
	}

	sealer, opener := rlpx.NewSealer(alicesKeys), rlpx.NewOpener(bobsKeys)
	frame, err := sealer.Seal(nil, rlpx.Message{Code: 2, Raw: []byte("hello")})
	if err != nil {
		panic(err)
	}
	rest, err := opener.Header(frame[:rlpx.HeaderSize])
	if err != nil {
		panic(err)
	}
	body, err := opener.Body(frame[rlpx.HeaderSize : rlpx.HeaderSize+rest])
	if err != nil {
		panic(err)
	}
	code, payload, err := opener.Message(body)
	fmt.Printf("code %d, payload %q, %v\n", code, payload, err)
	// Output:
	// bob is called by alice: true
	// code 2, payload "hello", <nil>
}
