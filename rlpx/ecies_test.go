// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/internal/test/vectors"
)

func TestECIESVectors(t *testing.T) {
	v := vectors.Read(t, "ecies.txt")
	cipherKey, macKey := eciesKeys([32]byte(v["kdf-secret"]))
	if !bytes.Equal(cipherKey[:], v["kdf-keys"][:16]) {
		t.Errorf("cipher key %x", cipherKey)
	}
	// The vector has the MAC key before its last hash.
	if want := sha256.Sum256(v["kdf-keys"][16:]); macKey != want {
		t.Errorf("MAC key %x, want %x", macKey, want)
	}
	for i := 1; i <= 3; i++ {
		key := v.PrivateKey(t, fmt.Sprintf("key-%d", i))
		plain, err := openECIES(key, v[fmt.Sprintf("cipher-%d", i)], nil)
		if want := v[fmt.Sprintf("plain-%d", i)]; err != nil || !bytes.Equal(plain, want) {
			t.Errorf("cipher-%d: %q, %v, want %q", i, plain, err, want)
		}
	}
}

func TestECIESRoundTrip(t *testing.T) {
	key := testKey(t, 1)
	for n := range 40 {
		plain, extra := bytes.Repeat([]byte{7}, n), make([]byte, n%3)
		packet, err := sealECIES([]byte("before"), testRand(byte(n)), key.Public(), plain, extra)
		if err != nil || !bytes.HasPrefix(packet, []byte("before")) || len(packet) != 6+eciesOverhead+n {
			t.Fatalf("%d bytes: %x, %v", n, packet, err)
		}
		packet = packet[6:]
		if got, err := openECIES(key, packet, extra); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: %x, %v", n, got, err)
		}
		for _, wrong := range [][]byte{{1}, append(extra, 0)} {
			if _, err := openECIES(key, packet, wrong); !errors.Is(err, errTag) {
				t.Errorf("%d bytes, other extra data: %v", n, err)
			}
		}
	}
}

// A packet shorter than its overhead, even one with a good tag over what little there is,
// is refused by its length: there is no IV to read (as in CVE-2026-22862).
func TestECIESUnderflow(t *testing.T) {
	key := testKey(t, 1)
	packet, err := sealECIES(nil, testRand(2), key.Public(), nil, nil)
	if err != nil || len(packet) != eciesOverhead {
		t.Fatalf("%d bytes, %v", len(packet), err)
	}
	for n := range eciesOverhead {
		if _, err := openECIES(key, packet[:n:n], nil); !errors.Is(err, errShort) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	ephemeral := testKey(t, 3)
	x, err := ephemeral.SharedX(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	_, macKey := eciesKeys(x)
	xy := ephemeral.Public().Bytes()
	for n := range eciesIVSize {
		short := append([]byte{uncompressed}, xy[:]...)
		short = append(short, make([]byte, n)...)
		short = appendTag(short, macKey, short[eciesKeySize:], nil)
		if _, err := openECIES(key, short, nil); !errors.Is(err, errShort) {
			t.Errorf("IV of %d bytes with a good tag: %v", n, err)
		}
	}
}

func TestECIESRefusesPoints(t *testing.T) {
	key := testKey(t, 1)
	packet, err := sealECIES(nil, testRand(2), key.Public(), []byte("plain"), nil)
	if err != nil {
		t.Fatal(err)
	}
	// Compressed, hybrid and made-up forms.
	for _, first := range []byte{0, 1, 2, 3, 5, 6, 7, 0xff} {
		bad := bytes.Clone(packet)
		bad[0] = first
		if _, err := openECIES(key, bad, nil); !errors.Is(err, errPoint) {
			t.Errorf("first byte %d: %v", first, err)
		}
	}
	for name, xy := range map[string][]byte{
		"zero":       make([]byte, 64),
		"off":        bytes.Repeat([]byte{9}, 64),
		"over prime": bytes.Repeat([]byte{0xff}, 64),
	} {
		bad := bytes.Clone(packet)
		copy(bad[1:], xy)
		if _, err := openECIES(key, bad, nil); !errors.Is(err, ecc.ErrPublicKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
