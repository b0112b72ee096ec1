// SPDX-License-Identifier: Apache-2.0

package types

import (
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/rlp"
)

// A vector is one section of a file in testdata: lines of the form key = value. Sections are
// separated by empty lines, comments begin with #.
type vector map[string]string

func vectors(t testing.TB, file string) (all []vector) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	for section := range strings.SplitSeq(string(text), "\n\n") {
		v := vector{}
		for line := range strings.Lines(section) {
			if key, value, ok := strings.Cut(strings.TrimSpace(line), " = "); ok && key[0] != '#' {
				v[key] = value
			}
		}
		if len(v) > 0 {
			all = append(all, v)
		}
	}
	if len(all) == 0 {
		t.Fatalf("%s holds no vectors", file)
	}
	return all
}

func (v vector) bytes(t testing.TB, key string) []byte {
	t.Helper()
	if v[key] == "" {
		t.Fatalf("vector %q has no %s", v["name"], key)
	}
	return unhex(t, v[key])
}

func (v vector) int(t testing.TB, key string) int {
	t.Helper()
	n, err := strconv.Atoi(v[key])
	if err != nil {
		t.Fatalf("vector %q, %s: %v", v["name"], key, err)
	}
	return n
}

// check compares what a test has found with the vector.
func (v vector) check(t testing.TB, key string, got any) {
	t.Helper()
	if s := fmt.Sprint(got); s != v[key] {
		t.Errorf("%s: %s is %s, want %s", v["name"], key, s, v[key])
	}
}

// unhex decodes hexadecimal digits, with or without 0x.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.TrimPrefix(s, "0x"))
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return b
}

// content returns what is inside of an RLP list.
func content(t testing.TB, list []byte) []byte {
	t.Helper()
	kind, content, rest, err := rlp.Split(list)
	if err != nil || kind != rlp.List || len(rest) > 0 {
		t.Fatalf("not a list: %x", list)
	}
	return content
}

// list makes an RLP list of items.
func list(items ...[]byte) []byte {
	var content []byte
	for _, item := range items {
		content = append(content, item...)
	}
	return appendList(nil, content)
}

// split cuts a list into its items.
func split(t testing.TB, raw []byte) (items [][]byte) {
	t.Helper()
	for c := rlp.Read(content(t, raw)); c.More(); {
		items = append(items, c.Raw(""))
	}
	return items
}

func testKey(t testing.TB) *ecc.PrivateKey {
	t.Helper()
	key, err := ecc.ParsePrivateKey(unhex(t, "b71c71a67e1177ad4e901695e1b4b9ee17ae16c6668d313eac2f96dbcda3f291"))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// refuseCuts checks that decode refuses every beginning of item, and item with a byte more.
func refuseCuts(t testing.TB, name string, item []byte, decode func([]byte) error) {
	t.Helper()
	for n := range item {
		if decode(item[:n:n]) == nil {
			t.Errorf("%s: accepted when cut to %d of %d bytes", name, n, len(item))
			return
		}
	}
	if decode(append(item[:len(item):len(item)], 0x80)) == nil {
		t.Errorf("%s: accepted with a byte more", name)
	}
}
