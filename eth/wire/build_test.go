// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// list, num and str build payloads, right and wrong ones.
func list(items ...[]byte) []byte {
	content := bytes.Join(items, nil)
	return append(rlp.AppendListHeader(nil, len(content)), content...)
}

func num(n uint64) []byte { return rlp.AppendUint64(nil, n) }

func str(s string) []byte { return rlp.AppendString(nil, s) }

func join(items ...[]byte) []byte { return bytes.Join(items, nil) }

// hash returns a hash that ends with the given byte, and its item.
func hash(b byte) types.Hash { return types.Hash{31: b} }

func hashAsItem(b byte) []byte {
	h := hash(b)
	return rlp.AppendBytes(nil, h[:])
}

// The hashes in the test cases of EIP-2481.
var (
	deadC0de = types.Hash{28: 0xde, 29: 0xad, 30: 0xc0, 31: 0xde}
	feedBeef = types.Hash{28: 0xfe, 29: 0xed, 30: 0xbe, 31: 0xef}
)

// mask fills the bytes of a cell mask up with zeros.
func mask(s string) string { return s + strings.Repeat("\x00", len(CellMask{})-len(s)) }

// payloadOf returns the payload of a vector.
func payloadOf(t *testing.T, message, name string) []byte {
	t.Helper()
	for _, x := range loadVectors(t) {
		if x.message == message && x.name == name {
			return x.payload
		}
	}
	t.Fatalf("no vector %s, %s", message, name)
	return nil
}

// mustDecode decodes a message that is right.
func mustDecode[M Message](t *testing.T, v Version, payload []byte) M {
	t.Helper()
	var want M
	m, err := new(Storage).Decode(v, want.Kind().Row().Code, payload)
	if err != nil {
		t.Fatal(err)
	}
	return m.(M)
}

// A refusal is a payload that must end in an error.
type refusal struct {
	name    string
	v       Version
	payload []byte
	err     error
	path    string // in the text of the error
}

func refuse(t *testing.T, k Kind, cases []refusal) {
	t.Helper()
	for _, x := range cases {
		m, err := new(Storage).Decode(x.v, k.Row().Code, x.payload)
		if m != nil || !errors.Is(err, x.err) {
			t.Errorf("%s: %v, want %v", x.name, err, x.err)
		} else if place := x.v.String() + " " + k.String() + ": "; !strings.HasPrefix(err.Error(), place) || !strings.Contains(err.Error(), x.path) {
			t.Errorf("%s: %v, want the path %q", x.name, err, x.path)
		}
	}
}

func equal(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s: %x, want %x", what, got, want)
	}
}
