// SPDX-License-Identifier: Apache-2.0

package v5wire

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/test/vectors"
)

// equal compares messages and packets.
func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	options := []cmp.Option{
		cmpopts.EquateComparable(netip.Addr{}, RequestID{}),
		cmp.Comparer(func(a, b *enr.UnverifiedRecord) bool {
			return a == b || a != nil && b != nil && string(a.Raw()) == string(b.Raw())
		}),
		cmp.Comparer(func(a, b *enr.Record) bool { return a == b || a != nil && b != nil && a.Text() == b.Text() }),
	}
	if d := cmp.Diff(want, got, options...); d != "" {
		t.Errorf("%s: -want +got\n%s", what, d)
	}
}

func equalBytes(t testing.TB, what string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s:\n%x, want\n%x", what, got, want)
	}
}

func TestSpecECDH(t *testing.T) {
	v := vectors.Read(t, "crypto.txt")
	got, err := v.PrivateKey(t, "ecdh-private").SharedPoint(v.PublicKey(t, "ecdh-public"))
	if err != nil {
		t.Fatal(err)
	}
	equalBytes(t, "shared secret", got[:], v["ecdh-shared"])
}

func TestSpecKeyDerivation(t *testing.T) {
	v := vectors.Read(t, "crypto.txt")
	k, err := deriveKeys(v.PrivateKey(t, "kdf-ephemeral"), v.PublicKey(t, "kdf-dest"), enr.ID(v["kdf-id-a"]), enr.ID(v["kdf-id-b"]), v["kdf-challenge"])
	if err != nil {
		t.Fatal(err)
	}
	equalBytes(t, "initiator key", k.initiator[:], v["kdf-initiator"])
	equalBytes(t, "recipient key", k.recipient[:], v["kdf-recipient"])
}

func TestSpecProof(t *testing.T) {
	v := vectors.Read(t, "crypto.txt")
	key := v.PrivateKey(t, "proof-key")
	digest := proofDigest(v["proof-challenge"], [33]byte(v["proof-ephemeral"]), enr.ID(v["proof-id-b"]))
	signature := key.Sign(digest)
	equalBytes(t, "signature", signature[:64], v["proof-signature"])
	if !key.Public().Verify(digest, v["proof-signature"]) {
		t.Error("the signature does not verify")
	}
}

func TestSpecEncryption(t *testing.T) {
	v := vectors.Read(t, "crypto.txt")
	got := newGCM([16]byte(v["gcm-key"])).Seal(nil, v["gcm-nonce"], v["gcm-plain"], v["gcm-ad"])
	equalBytes(t, "sealed", got, v["gcm-sealed"])
}

var (
	specTime = time.Unix(1_700_000_000, 0)
	specAddr = netip.MustParseAddrPort("127.0.0.1:30303")
)

// specNodes returns the codecs of the packet vectors. The record of A is the one that it
// sends in the last of them; what random numbers they are to draw, the caller says.
func specNodes(t testing.TB, v vectors.Vectors, randA, randB []byte) (a, b *Codec) {
	t.Helper()
	h, _, err := openHeader(nil, new(masker), maskOf(enr.ID(v["id-b"])), v["record"])
	if err != nil {
		t.Fatal(err)
	}
	record, err := enr.Decode(h.auth[handshakeAuthMin:])
	if err != nil {
		t.Fatal(err)
	}
	a = NewCodec(bytes.NewReader(randA), v.PrivateKey(t, "key-a"), record)
	b = NewCodec(bytes.NewReader(randB), v.PrivateKey(t, "key-b"), testRecord(t, v.PrivateKey(t, "key-b"), 1))
	if a.id != enr.ID(v["id-a"]) || b.id != enr.ID(v["id-b"]) || record.ID() != a.id {
		t.Fatalf("IDs %v %v", a.id, b.id)
	}
	return a, b
}

func TestSpecPing(t *testing.T) {
	v := vectors.Read(t, "packets.txt")
	a, b := specNodes(t, v, append(v["nonce"], make([]byte, 16)...), nil)
	key := newGCM([16]byte(v["ping-key"]))
	a.store.begin(endpointOf(b.id, specAddr), &session{seal: key, open: key, mask: maskOf(b.id), sealed: 1<<32 - 2})
	b.store.begin(endpointOf(a.id, specAddr), &session{seal: key, open: key})

	ping := &Ping{RequestIDOf(v["request-id"]), 2}
	packet, nonce, err := a.AppendMessage([]byte("before"), b.id, specAddr, ping)
	if err != nil || nonce != Nonce(v["nonce"]) {
		t.Fatal(nonce, err)
	}
	equalBytes(t, "packet", packet, append([]byte("before"), v["ping"]...))

	p, err := b.Decode(specTime, specAddr, v["ping"])
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "packet", p, Packet{From: a.id, Nonce: nonce, Message: ping})
}

func TestSpecWhoareyou(t *testing.T) {
	v := vectors.Read(t, "packets.txt")
	a, b := specNodes(t, v, append(v["id-nonce"], make([]byte, 16)...), nil)
	nonce := Nonce(v["request-nonce"])
	packet, err := a.AppendWhoareyou([]byte("before"), specTime, b.id, specAddr, nonce, nil)
	if err != nil {
		t.Fatal(err)
	}
	equalBytes(t, "packet", packet, append([]byte("before"), v["whoareyou"]...))

	p, err := b.Decode(specTime, specAddr, v["whoareyou"])
	if err != nil || p.Challenge == nil || p.Message != nil || p.Nonce != nonce || p.Challenge.Nonce != nonce || p.Challenge.ENRSeq != 0 {
		t.Fatalf("%+v, %v", p, err)
	}
	equalBytes(t, "challenge data", p.Challenge.data[:], v["whoareyou-challenge"])
}

// TestSpecHandshake runs the last two vectors: without a record, since B has it, and with.
func TestSpecHandshake(t *testing.T) {
	v := vectors.Read(t, "packets.txt")
	for _, name := range []string{"handshake", "record"} {
		random := bytes.Join([][]byte{v["ephemeral-key"], v["nonce"], make([]byte, 16)}, nil)
		a, b := specNodes(t, v, random, nil)
		data := challengeData(v[name+"-challenge"])
		challenge := &Challenge{Nonce: Nonce(v["request-nonce"]), ENRSeq: uint64(data[whoareyouSize-1]), data: data}
		ping := &Ping{RequestIDOf(v["request-id"]), 1}
		packet, nonce, err := a.AppendHandshake(nil, enr.Node{Key: b.key.Public()}, specAddr, challenge, ping)
		if err != nil || nonce != Nonce(v["nonce"]) {
			t.Fatalf("%s: %v %v", name, nonce, err)
		}
		equalBytes(t, name, packet, v[name])

		sent := sentChallenge{data: data, sent: specTime}
		if challenge.ENRSeq == 1 {
			sent.known = a.record.Unverified()
		}
		b.store.challenges.Put(endpointOf(a.id, specAddr), sent)
		p, err := b.Decode(specTime, specAddr, v[name])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		equal(t, name, p, Packet{From: a.id, Nonce: nonce, Message: ping, Record: a.record.Unverified()})
		key := newGCM([16]byte(v[name+"-key"]))
		plain := []byte("the key is the one of the vector")
		equalBytes(t, "key", b.store.session(endpointOf(a.id, specAddr)).open.Seal(nil, v["nonce"], plain, nil), key.Seal(nil, v["nonce"], plain, nil))
	}
}
