// SPDX-License-Identifier: Apache-2.0

package rlp

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// long returns n bytes in hexadecimal.
func long(n int) string { return strings.Repeat("ab", n) }

// TestForms goes through every form of a header: what is canonical and what is not.
func TestForms(t *testing.T) {
	for _, test := range []struct {
		in   string
		kind Kind
		size int // of the content
		err  error
	}{
		{in: "00", size: 1},
		{in: "7f", size: 1},
		{in: "80"},
		{in: "81 80", size: 1},
		{in: "81 ff", size: 1},
		{in: "81 00", err: ErrNotCanonical},
		{in: "81 7f", err: ErrNotCanonical},
		{in: "82 0001", size: 2},
		{in: "b7" + long(55), size: 55},
		{in: "b8 38" + long(56), size: 56},
		{in: "b8 37" + long(55), err: ErrNotCanonical},
		{in: "b8 00", err: ErrNotCanonical},
		{in: "b8 ff" + long(255), size: 255},
		{in: "b9 0100" + long(256), size: 256},
		{in: "b9 00ff" + long(255), err: ErrNotCanonical},
		{in: "ba 010000" + long(65536), size: 65536},
		{in: "ba 00ffff" + long(65535), err: ErrNotCanonical},
		{in: "bf 0000000000000038" + long(56), err: ErrNotCanonical},
		{in: "bf ffffffffffffffff", err: ErrTruncated},
		{in: "bf 7fffffffffffffff", err: ErrTruncated},
		{in: "bb 80000000" + long(9), err: ErrTruncated},
		{in: "c0", kind: List},
		{in: "c1 80", kind: List, size: 1},
		{in: "f7" + long(55), kind: List, size: 55},
		{in: "f8 38" + long(56), kind: List, size: 56},
		{in: "f8 37" + long(55), err: ErrNotCanonical},
		{in: "f9 0100" + long(256), kind: List, size: 256},
		{in: "f9 00ff" + long(255), err: ErrNotCanonical},
		{in: "ff ffffffffffffffff", err: ErrTruncated},
		{in: "ff 8000000000000000", err: ErrTruncated},
		{in: "", err: ErrTruncated},
	} {
		in := unhex(t, test.in)
		kind, content, rest, err := Split(append(in, 0x99))
		if test.in == "" {
			kind, content, rest, err = Split(nil)
			rest = append(rest, 0x99)
		}
		if !errors.Is(err, test.err) {
			t.Errorf("%.24s: %v, want %v", test.in, err, test.err)
			continue
		}
		if err == nil && (kind != test.kind || len(content) != test.size || !bytes.Equal(rest, []byte{0x99})) {
			t.Errorf("%.24s: %v of %d bytes, then %x", test.in, kind, len(content), rest)
		}
		if err == nil && cap(content) != len(content) {
			t.Errorf("%.24s: appending to the content would overwrite the input", test.in)
		}
	}
}

// TestSplitTruncated: no prefix of an item is an item.
func TestSplitTruncated(t *testing.T) {
	for _, in := range []string{"81ff", "83 010203", "b838" + long(56), "b90100" + long(256), "c3 010203", "f838" + long(56)} {
		item := unhex(t, in)
		for n := range item {
			if _, _, _, err := Split(item[:n]); !errors.Is(err, ErrTruncated) {
				t.Errorf("%d bytes of %.20s: %v", n, in, err)
			}
		}
	}
}

func TestKindString(t *testing.T) {
	if s := fmt.Sprint(Bytes, List); s != "byte string list" {
		t.Error(s)
	}
}

func TestCount(t *testing.T) {
	for _, test := range []struct {
		in     string
		limit  int
		n      int
		err    error
		offset int
	}{
		{in: "", limit: 0},
		{in: "01 c3010203 80", limit: 3, n: 3},
		{in: "01 c3010203 80", limit: 2, n: 2, err: ErrTooMany, offset: 5},
		{in: "01", limit: 0, err: ErrTooMany},
		{in: "01 8101", limit: 9, n: 1, err: ErrNotCanonical, offset: 1},
		{in: "01 02 83", limit: 9, n: 2, err: ErrTruncated, offset: 2},
	} {
		n, err := Count(unhex(t, test.in), test.limit)
		var where *Error
		if n != test.n || !errors.Is(err, test.err) || errors.As(err, &where) && where.Offset != test.offset {
			t.Errorf("%q, at most %d: %d, %v", test.in, test.limit, n, err)
		}
	}
}

func TestValid(t *testing.T) {
	for _, test := range []struct {
		in     string
		depth  int
		err    error
		offset int
	}{
		{in: "05"},
		{in: "82 0000"},
		{in: "c0", depth: 1},
		{in: "c0", err: ErrDepth},
		{in: "c2 c0 c0", depth: 2},
		{in: "c2 c0 c0", depth: 1, err: ErrDepth, offset: 1},
		{in: "c7 c0 c1c0 c3c0c1c0", depth: 4},
		{in: "c7 c0 c1c0 c3c0c1c0", depth: 3, err: ErrDepth, offset: 7},
		{in: "c4 c2 8101 05", depth: 2, err: ErrNotCanonical, offset: 2},
		{in: "c4 c3 8101 05", depth: 2, err: ErrNotCanonical, offset: 2},
		{in: "c4 c2 82ff 05", depth: 2, err: ErrTruncated, offset: 2}, // reaches into the next item
		{in: "c3 c3 0102", depth: 2, err: ErrTruncated, offset: 1},
		{in: "c1", depth: 1, err: ErrTruncated},
		{in: "05 05", err: ErrTrailing, offset: 1},
		{in: "c0 c0", depth: 1, err: ErrTrailing, offset: 1},
		{in: "c1c0 c0", depth: 2, err: ErrTrailing, offset: 2},
		{in: "", depth: 1, err: ErrMissing},
	} {
		err := Valid(unhex(t, test.in), test.depth)
		var where *Error
		if !errors.Is(err, test.err) || errors.As(err, &where) && where.Offset != test.offset {
			t.Errorf("%q, depth %d: %v, want %v at byte %d", test.in, test.depth, err, test.err, test.offset)
		}
	}
}

// TestValidDepth: a bomb of nested lists ends at the depth asked for, or at 64.
func TestValidDepth(t *testing.T) {
	nested := []byte{0xc0}
	for range 63 {
		nested = append(AppendListHeader(nil, len(nested)), nested...)
	}
	for _, depth := range []int{64, 1000} {
		if err := Valid(nested, depth); err != nil {
			t.Errorf("64 lists, depth %d: %v", depth, err)
		}
	}
	if err := Valid(nested, 63); !errors.Is(err, ErrDepth) {
		t.Errorf("64 lists, depth 63: %v", err)
	}
	nested = append(AppendListHeader(nil, len(nested)), nested...)
	if err := Valid(nested, 1000); !errors.Is(err, ErrDepth) {
		t.Errorf("65 lists: %v", err)
	}
}
