// SPDX-License-Identifier: Apache-2.0

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
