// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"bytes"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
)

func newKey(t testing.TB) *ecc.PrivateKey {
	t.Helper()
	k, err := ecc.NewPrivateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// secured returns both ends of an RLPx connection over an in-memory stream.
func secured(t testing.TB) (initiator, recipient *Conn, ids [2]enr.ID) {
	t.Helper()
	a, b := memnet.Pipe()
	keyA, keyB := newKey(t), newKey(t)
	deadline := time.Now().Add(5 * time.Second)
	accepted := make(chan error)
	go func() {
		conn, remote, err := Accept(b, rand.Reader, keyB, deadline)
		if err == nil && remote != keyA.Public() {
			err = errors.New("the recipient saw another key")
		}
		recipient = conn
		accepted <- err
	}()
	initiator, err := Initiate(a, rand.Reader, keyA, keyB.Public(), deadline)
	if err != nil {
		t.Fatal(err)
	}
	if err := <-accepted; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { initiator.Close(); recipient.Close() })
	return initiator, recipient, [2]enr.ID{enr.IDOf(keyA.Public()), enr.IDOf(keyB.Public())}
}

func helloOf(k *ecc.PrivateKey) *Hello {
	h := sampleHello()
	xy := k.Public().Bytes()
	h.Key = xy[:]
	return h
}

func TestHelloExchange(t *testing.T) {
	key := newKey(t)
	id := enr.IDOf(key.Public())
	foreign := newKey(t)
	wide := helloOf(key)
	wide.Client = string(bytes.Repeat([]byte{'x'}, 3000))
	short := helloOf(key)
	short.Key = short.Key[:63]
	zero := helloOf(key)
	zero.Key = make([]byte, 64)
	msg := func(code uint64, payload ...byte) *Out { return &Out{Code: code, Raw: payload} }
	tests := []struct {
		name   string
		first  *Out
		reason Reason // of our verdict
		silent bool   // and they are not told
		ok     bool
	}{
		{"good", msg(codeHello, helloOf(key).Append(nil)...), 0, false, true},
		{"another node's key", msg(codeHello, helloOf(foreign).Append(nil)...), ReasonUnexpectedID, false, false},
		{"short key", msg(codeHello, short.Append(nil)...), ReasonInvalidIdentity, false, false},
		{"zero key", msg(codeHello, zero.Append(nil)...), ReasonInvalidIdentity, false, false},
		{"too large", msg(codeHello, wide.Append(nil)...), ReasonProtocol, true, false},
		{"rubbish", msg(codeHello, 1, 2, 3), ReasonProtocol, true, false},
		{"ping first", msg(codePing, 0xc0), ReasonProtocol, true, false},
		{"disconnect instead", msg(codeDisconnect, 0xc1, 4), ReasonTooManyPeers, false, false},
	}
	for _, test := range tests {
		for _, over := range []string{"rlpx", "pipe"} {
			if over == "pipe" && test.name == "too large" {
				continue // a frame's limit; the payload's own is TestHelloLimits
			}
			t.Run(test.name+" over "+over, func(t *testing.T) {
				bubble.Test(t, func(t *testing.T) {
					ours, theirs := Pipe()
					if over == "rlpx" {
						a, b, _ := secured(t)
						ours, theirs = a, b
					}
					go func() {
						_ = theirs.Queue(test.first)
						_ = theirs.Flush(time.Now().Add(time.Second))
					}()
					go func() {
						_, _, _ = theirs.Read(time.Now().Add(time.Second))
						theirs.Release()
					}()
					_, err := ExchangeHello(ours, sampleHello(), id, time.Now().Add(5*time.Second))
					if (err == nil) != test.ok {
						t.Fatalf("got %v", err)
					}
					if v := Judge(err); err != nil && (v.Reason != test.reason || v.sayable() == test.silent) {
						t.Errorf("%v: %+v, want reason %v, silent %v", err, v, test.reason, test.silent)
					}
					ours.Close()
				})
			})
		}
	}
}

func TestHandshakeRefusesRubbishAndCuts(t *testing.T) {
	key := newKey(t)
	for _, in := range [][]byte{nil, {0}, make([]byte, 100), bytes.Repeat([]byte{0xff}, 3000), bytes.Repeat([]byte{4}, 400)} {
		a, b := memnet.Pipe()
		go func() { _, _ = a.Write(in); a.Close() }()
		if _, _, err := Accept(b, rand.Reader, key, time.Now().Add(5*time.Second)); err == nil {
			t.Errorf("%d bytes were accepted", len(in))
		}
		b.Close()
	}
}

// An initiator that expects another key than the recipient's cannot complete the handshake.
func TestInitiateToTheWrongKey(t *testing.T) {
	a, b := memnet.Pipe()
	go func() {
		_, _, _ = Accept(b, rand.Reader, newKey(t), time.Now().Add(5*time.Second))
		b.Close()
	}()
	if _, err := Initiate(a, rand.Reader, newKey(t), newKey(t).Public(), time.Now().Add(5*time.Second)); err == nil {
		t.Error("the handshake succeeded")
	}
	a.Close()
}
