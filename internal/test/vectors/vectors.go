// SPDX-License-Identifier: Apache-2.0

// Package vectors reads the test vectors of specifications from testdata:
//
//	# who speaks
//	initiator.key = 49a7b37aa6f6645917e7b807e9d1c00d4fa71f18343b0d4122a4d2df64dd6fee
//	packet = 01b304ab7578555167be8154d5cc456f567d5ba302662433674222360f08d5f1
//	  534499d3678b513b
//
// An indented line continues the value above it; one that begins with # is the reader's.
//
// For tests only.
package vectors

import (
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/ecc"
)

// Vectors are the values of one file by their names.
type Vectors map[string][]byte

// Read reads a file of testdata.
func Read(t testing.TB, name string) Vectors {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	v, key := Vectors{}, ""
	for line := range strings.Lines(string(text)) {
		value := strings.TrimSpace(line)
		if value == "" || strings.HasPrefix(value, "#") {
			continue
		}
		if !strings.HasPrefix(line, " ") {
			key, value, _ = strings.Cut(value, " =")
		}
		b, err := hex.DecodeString(strings.TrimSpace(value))
		if err != nil {
			t.Fatalf("%s: %s: %v", name, key, err)
		}
		v[key] = append(v[key], b...)
	}
	return v
}

// PrivateKey returns a value that is a scalar.
func (v Vectors) PrivateKey(t testing.TB, name string) *ecc.PrivateKey {
	t.Helper()
	k, err := ecc.ParsePrivateKey(v[name])
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return k
}

// PublicKey returns a value that is a point in its 33-byte form.
func (v Vectors) PublicKey(t testing.TB, name string) ecc.PublicKey {
	t.Helper()
	k, err := ecc.ParseCompressed(v[name])
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return k
}
