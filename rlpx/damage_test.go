// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/rlp"
)

// a reading is one kind of packet in one format, and how it is read.
type reading struct {
	name   string
	packet []byte
	needs  func(have []byte) (int, error)
	read   func(packet []byte) error
}

func readings(t testing.TB) []reading {
	t.Helper()
	a, b := testKey(t, 1), testKey(t, 2)
	i, auth, err := StartInitiator(testRand(3), a, b.Public())
	if err != nil {
		t.Fatal(err)
	}
	_, ack, _, err := AnswerAuth(testRand(4), b, auth)
	if err != nil {
		t.Fatal(err)
	}
	legacy, oldAuth := legacyAuth(t, a, b.Public())
	_, oldAck, _, err := AnswerAuth(testRand(4), b, oldAuth)
	if err != nil {
		t.Fatal(err)
	}
	answer := func(packet []byte) error {
		_, _, _, err := AnswerAuth(testRand(4), b, packet)
		return err
	}
	finish := func(i *Initiator) func([]byte) error {
		return func(packet []byte) error {
			_, err := i.Finish(packet)
			return err
		}
	}
	return []reading{
		{"auth", auth, AuthNeeds, answer},
		{"ack", ack, AckNeeds, finish(i)},
		{"legacy auth", oldAuth, AuthNeeds, answer},
		{"legacy ack", oldAck, AckNeeds, finish(legacy)},
	}
}

// Every part of a packet is refused, and what is asked for next never reaches beyond it.
func TestTruncatedPackets(t *testing.T) {
	for _, r := range readings(t) {
		for n := range r.packet {
			have := r.packet[:n:n]
			more, err := r.needs(have)
			if err != nil || more <= 0 || n+more > len(r.packet) {
				t.Errorf("%s: with %d of %d bytes needs %d more, %v", r.name, n, len(r.packet), more, err)
			}
			if err := r.read(have); !errors.Is(err, ErrBadHandshake) {
				t.Errorf("%s of %d bytes: error %v", r.name, n, err)
			}
		}
		if more, err := r.needs(r.packet); more != 0 || err != nil {
			t.Errorf("%s: the whole packet needs %d more, %v", r.name, more, err)
		}
		if err := r.read(r.packet); err != nil {
			t.Errorf("%s: %v", r.name, err)
		}
		longer := append(bytes.Clone(r.packet), 0)
		if _, err := r.needs(longer); !errors.Is(err, errTrailing) {
			t.Errorf("%s and a byte: error %v", r.name, err)
		}
		if err := r.read(longer); !errors.Is(err, errTrailing) {
			t.Errorf("%s and a byte, read: error %v", r.name, err)
		}
	}
}

// A reader that does what AuthNeeds and AckNeeds say has the packet in three steps.
func TestReadingByNeeds(t *testing.T) {
	for _, r := range readings(t) {
		n, steps := 0, 0
		for {
			more, err := r.needs(r.packet[:n])
			if err != nil {
				t.Fatalf("%s: %v", r.name, err)
			}
			if more == 0 {
				break
			}
			n += more
			steps++
		}
		if n != len(r.packet) || steps > 3 {
			t.Errorf("%s: %d of %d bytes in %d steps", r.name, n, len(r.packet), steps)
		}
	}
}

// A change of one bit in any byte is noticed, whatever part of the packet it is in.
func TestFlippedBytes(t *testing.T) {
	for _, r := range readings(t) {
		for at := range r.packet {
			bad := bytes.Clone(r.packet)
			bad[at] ^= 1 << (at % 8)
			if err := r.read(bad); !errors.Is(err, ErrBadHandshake) {
				t.Errorf("%s with byte %d changed: error %v", r.name, at, err)
			}
		}
	}
}

// The size in the prefix is judged as soon as it is there (row 34).
func TestPrefix(t *testing.T) {
	for _, tt := range []struct {
		name  string
		needs func([]byte) (int, error)
		size  int
		want  string
	}{
		{"auth", AuthNeeds, 0, "want at least 307"},
		{"auth", AuthNeeds, 304, "want at least 307"},
		{"auth", AuthNeeds, 307, ""},
		{"auth", AuthNeeds, 1023, ""},
		{"auth", AuthNeeds, 2048, ""},
		{"auth", AuthNeeds, 2049, "limit is 2048"},
		{"auth", AuthNeeds, 65535, "limit is 2048"},
		{"ack", AckNeeds, 207, "want at least 210"},
		{"ack", AckNeeds, 210, ""},
		{"ack", AckNeeds, 2048, ""},
		{"ack", AckNeeds, 2049, "limit is 2048"},
	} {
		more, err := tt.needs(binary.BigEndian.AppendUint16(nil, uint16(tt.size)))
		switch {
		case tt.want == "" && (err != nil || more != tt.size):
			t.Errorf("%s of %d bytes: needs %d, %v", tt.name, tt.size, more, err)
		case tt.want != "" && (!errors.Is(err, ErrBadHandshake) || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s of %d bytes: needs %d, %v", tt.name, tt.size, more, err)
		}
	}
}

// A size from 1024 to 1279 begins with the byte that begins a legacy packet.
func TestPrefixThatLooksLegacy(t *testing.T) {
	a, b := testKey(t, 1), testKey(t, 2)
	i, _, err := StartInitiator(testRand(3), a, b.Public())
	if err != nil {
		t.Fatal(err)
	}
	staticX, err := a.SharedX(b.Public())
	if err != nil {
		t.Fatal(err)
	}
	said := auth{signature: i.ephemeral.Sign(signed(staticX, i.nonce)), key: a.Public(), nonce: i.nonce}
	for _, size := range []int{1023, 1024, 1100, 1279, 1280, 2048} {
		plain := append(said.append(nil), make([]byte, size-eciesOverhead-169)...)
		prefix := binary.BigEndian.AppendUint16(nil, uint16(size))
		packet, err := sealECIES(prefix, testRand(5), b.Public(), plain, prefix)
		if err != nil || len(packet) != size+2 {
			t.Fatalf("%d bytes, %v", len(packet), err)
		}
		for n := range packet {
			if more, err := AuthNeeds(packet[:n]); err != nil || more <= 0 || n+more > len(packet) {
				t.Fatalf("size %d: with %d bytes needs %d, %v", size, n, more, err)
			}
		}
		if remote, _, _, err := AnswerAuth(testRand(4), b, packet); err != nil || remote != a.Public() {
			t.Errorf("size %d: %x, %v", size, remote, err)
		}
	}
}

// No point that is off the curve ever meets a private key, or its bits would leak.
func TestPointsOffTheCurve(t *testing.T) {
	a, b := testKey(t, 1), testKey(t, 2)
	for _, r := range readings(t) {
		at := 2 + 1
		if strings.HasPrefix(r.name, "legacy") {
			// Such a packet is not taken for a legacy one at all: as EIP-8 it is truncated.
			at = 1
		}
		bad := bytes.Clone(r.packet)
		bad[at+63] ^= 1
		err := r.read(bad)
		if !errors.Is(err, ErrBadHandshake) || (at == 3 && !errors.Is(err, ecc.ErrPublicKey)) {
			t.Errorf("%s with a bad ephemeral key: %v", r.name, err)
		}
		if at == 1 {
			if _, err := openECIES(b, bad, nil); !errors.Is(err, ecc.ErrPublicKey) {
				t.Errorf("%s with a bad ephemeral key: %v", r.name, err)
			}
		}
	}

	notOnCurve := bytes.Repeat([]byte{1}, 64)
	list := appendList(make([]byte, 65), notOnCurve, make([]byte, 32))
	packet, err := sealPacket(testRand(5), b.Public(), list)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := AnswerAuth(testRand(4), b, packet); !errors.Is(err, ErrBadHandshake) || !errors.Is(err, ecc.ErrPublicKey) {
		t.Errorf("an auth with a bad static key: %v", err)
	}
	i, _, err := StartInitiator(testRand(3), a, b.Public())
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string][]byte{"a bad": notOnCurve, "no": make([]byte, 64)} {
		packet, err := sealPacket(testRand(5), a.Public(), appendList(key, make([]byte, 32)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := i.Finish(packet); !errors.Is(err, ErrBadHandshake) || !errors.Is(err, ecc.ErrPublicKey) {
			t.Errorf("an ack with %s ephemeral key: %v", name, err)
		}
	}
}

// appendList returns a handshake list of these strings and a version.
func appendList(items ...[]byte) []byte {
	dst, list := rlp.OpenList(nil)
	for _, item := range items {
		dst = rlp.AppendBytes(dst, item)
	}
	return rlp.CloseList(rlp.AppendUint64(dst, 4), list)
}

// What decrypts must still be a handshake.
func TestBadLists(t *testing.T) {
	a, b := testKey(t, 1), testKey(t, 2)
	key := a.Public().Bytes()
	sig, nonce := make([]byte, 65), make([]byte, 32)
	withoutVersion := appendList(sig, key[:], nonce)
	withoutVersion[1]-- // the size of the list
	for _, tt := range []struct {
		name string
		list []byte
		want error
	}{
		{"nothing but padding", nil, rlp.ErrWantList},
		{"no list", rlp.AppendBytes(nil, sig), rlp.ErrWantList},
		{"empty list", []byte{0xc0}, rlp.ErrMissing},
		{"list beyond the packet", []byte{0xf9, 0xff, 0xff}, rlp.ErrTruncated},
		{"short signature", appendList(sig[1:], key[:], nonce), rlp.ErrLength},
		{"short key", appendList(sig, key[1:], nonce), rlp.ErrLength},
		{"long key", appendList(sig, append([]byte{4}, key[:]...), nonce), rlp.ErrLength},
		{"long nonce", appendList(sig, key[:], append(nonce, 0)), rlp.ErrLength},
		{"no nonce", appendList(sig, key[:]), rlp.ErrLength},
		{"no version", withoutVersion, rlp.ErrMissing},
		{"signature zero", appendList(sig, key[:], nonce), ecc.ErrSignature},
		{"signature with id 4", appendList(append(bytes.Repeat([]byte{1}, 64), 4), key[:], nonce), ecc.ErrSignature},
	} {
		packet, err := sealPacket(testRand(5), b.Public(), append(tt.list, make([]byte, 100)...))
		if err != nil {
			t.Fatal(err)
		}
		_, _, _, err = AnswerAuth(testRand(4), b, packet)
		if !errors.Is(err, ErrBadHandshake) || !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestWrongRecipient(t *testing.T) {
	a, b, c := testKey(t, 1), testKey(t, 2), testKey(t, 8)
	_, packet, err := StartInitiator(testRand(3), a, c.Public())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := AnswerAuth(testRand(4), b, packet); !errors.Is(err, errTag) {
		t.Errorf("error %v", err)
	}
}
