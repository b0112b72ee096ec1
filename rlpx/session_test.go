// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"bytes"
	"testing"

	"github.com/ethpeer/ethpeer/internal/test/vectors"
)

// One whole session of the first implementations, every byte of it: what the packets
// decrypt to, the keys, the MACs, and both Hello frames, opened and sealed.
func TestSession(t *testing.T) {
	v := vectors.Read(t, "session.txt")
	a := v.PrivateKey(t, "static-a")
	for _, p := range []struct {
		name string
		size int
		key  string
	}{{"auth", legacyAuthSize, "static-b"}, {"ack", legacyAckSize, "static-a"}} {
		plain, legacy, err := openPacket(p.name, v.PrivateKey(t, p.key), v[p.name], p.size)
		if err != nil || !legacy || !bytes.Equal(plain, v[p.name+"-plain"]) {
			t.Errorf("%s decrypts to %x, legacy %v, %v", p.name, plain, legacy, err)
		}
	}

	i := &Initiator{key: a, ephemeral: v.PrivateKey(t, "ephemeral-a"), nonce: [32]byte(v["nonce-a"]), auth: v["auth"]}
	initiator, err := i.Finish(v["ack"])
	if err != nil {
		t.Fatal(err)
	}
	x, err := v.PrivateKey(t, "ephemeral-b").SharedX(i.ephemeral.Public())
	if err != nil || !bytes.Equal(x[:], v["ephemeral-shared"]) {
		t.Fatalf("ephemeral secret %x, %v", x, err)
	}
	recipient := derive(false, transcript{x, i.nonce, [32]byte(v["nonce-b"]), v["auth"], v["ack"]})
	for name, k := range map[string]Keys{"initiator": initiator, "recipient": recipient} {
		if !bytes.Equal(k.aes[:], v["aes"]) || !bytes.Equal(k.mac[:], v["mac"]) {
			t.Errorf("%s: aes %x, mac %x", name, k.aes, k.mac)
		}
	}
	for name, sum := range map[string][]byte{
		"egress-a":  initiator.egress.Sum(nil),
		"ingress-a": initiator.ingress.Sum(nil),
	} {
		if !bytes.Equal(sum, v[name]) {
			t.Errorf("%s: %x, want %x", name, sum, v[name])
		}
	}
	checkHello(t, v["hello-a"], initiator, recipient)
	checkHello(t, v["hello-b"], recipient, initiator)
}

// checkHello opens a frame, and seals what was in it into the same bytes.
func checkHello(t *testing.T, frame []byte, from, to Keys) {
	t.Helper()
	code, payload, rest, err := open(NewOpener(to), bytes.Clone(frame))
	if err != nil || code != 0 || len(payload) != 78 || len(rest) != 0 {
		t.Fatalf("opened code %d, %d bytes, %v", code, len(payload), err)
	}
	sealed, err := NewSealer(from).Seal(nil, Message{Code: code, Raw: payload})
	if err != nil || !bytes.Equal(sealed, frame) {
		t.Errorf("sealed\n%x, want\n%x (%v)", sealed, frame, err)
	}
}

// An initiator with the session's keys signs what py-evm signs.
func TestSessionSignature(t *testing.T) {
	v := vectors.Read(t, "session.txt")
	x, err := v.PrivateKey(t, "static-a").SharedX(v.PrivateKey(t, "static-b").Public())
	if err != nil {
		t.Fatal(err)
	}
	sig := v.PrivateKey(t, "ephemeral-a").Sign(signed(x, [32]byte(v["nonce-a"])))
	if !bytes.Equal(sig[:], v["signature-a"]) {
		t.Errorf("signature %x, want %x", sig, v["signature-a"])
	}
}
