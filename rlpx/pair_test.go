// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"math/rand/v2"
	"testing"

	"github.com/ethpeer/ethpeer/ecc"
)

// testRand returns a random source that says the same in every run.
func testRand(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

func testKey(t testing.TB, seed byte) *ecc.PrivateKey {
	t.Helper()
	k, err := ecc.NewPrivateKey(testRand(seed))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// handshake lets two nodes meet and returns the keys of both sides.
func handshake(t testing.TB) (initiator, recipient Keys) {
	t.Helper()
	a, b := testKey(t, 1), testKey(t, 2)
	i, auth, err := StartInitiator(testRand(3), a, b.Public())
	if err != nil {
		t.Fatal(err)
	}
	remote, ack, recipient, err := AnswerAuth(testRand(4), b, auth)
	if err != nil {
		t.Fatal(err)
	}
	if remote != a.Public() {
		t.Fatalf("the recipient takes the initiator for %x", remote)
	}
	if initiator, err = i.Finish(ack); err != nil {
		t.Fatal(err)
	}
	return initiator, recipient
}

// pair returns the two ends of one direction of a connection, without a handshake.
func pair() (*Sealer, *Opener) {
	t := transcript{ephemeralX: [32]byte{1}, auth: []byte("auth"), ack: []byte("ack")}
	return NewSealer(derive(true, t)), NewOpener(derive(false, t))
}

// open takes the frame at the front of in apart, and returns what follows it.
func open(o *Opener, in []byte) (code uint64, payload, rest []byte, err error) {
	n, err := o.Header(in[:HeaderSize])
	if err != nil {
		return 0, nil, nil, err
	}
	in = in[HeaderSize:]
	frame, err := o.Body(in[:n])
	if err != nil {
		return 0, nil, nil, err
	}
	code, payload, err = o.Message(frame)
	return code, payload, in[n:], err
}
