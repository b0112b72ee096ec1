// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ethpeer/ethpeer/rlp"
)

func sampleHello() *Hello {
	return &Hello{
		Version: 5, Client: "ethpeer/v0.1", Caps: []Cap{{"eth", 68}, {"eth", 69}},
		ListenPort: 0, Key: bytes.Repeat([]byte{7}, 64),
	}
}

func TestHelloRoundTrip(t *testing.T) {
	want := sampleHello()
	payload := want.Append(nil)
	got, err := ParseHello(payload)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for n := range payload {
		if _, err := ParseHello(payload[:n]); err == nil {
			t.Fatalf("a hello cut after %d bytes was accepted", n)
		}
	}
}

// EIP-8: what a later version adds is ignored.
func TestHelloIgnoresExtraElements(t *testing.T) {
	dst, list := rlp.OpenList(nil)
	dst = rlp.AppendUint64(dst, 22)
	dst = rlp.AppendString(dst, "future")
	dst, caps := rlp.OpenList(dst)
	dst, one := rlp.OpenList(dst)
	dst = rlp.AppendString(dst, "eth")
	dst = rlp.AppendUint64(dst, 99)
	dst = rlp.AppendString(dst, "more")
	dst = rlp.CloseList(dst, one)
	dst = rlp.CloseList(dst, caps)
	dst = rlp.AppendUint64(dst, 0)
	dst = rlp.AppendBytes(dst, make([]byte, 64))
	dst = rlp.AppendString(dst, "and more")
	dst = rlp.CloseList(dst, list)
	h, err := ParseHello(dst)
	if err != nil || h.Version != 22 || len(h.Caps) != 1 || h.Caps[0].Version != 99 {
		t.Fatalf("got %+v, %v", h, err)
	}
}

func TestHelloLimits(t *testing.T) {
	h := sampleHello()
	h.Client = strings.Repeat("x", maxHello)
	if _, err := ParseHello(h.Append(nil)); err == nil || !strings.Contains(err.Error(), "limit") {
		t.Errorf("oversize: %v", err)
	}
	h = sampleHello()
	for range maxCaps + 1 {
		h.Caps = append(h.Caps, Cap{"a", 1})
	}
	if _, err := ParseHello(h.Append(nil)); err == nil {
		t.Error("too many capabilities were accepted")
	}
}

func TestClientNamesAreTamed(t *testing.T) {
	for in, want := range map[string]string{
		"Geth/v1.17.8":                 "Geth/v1.17.8",
		"a\x1b[31mred\x07":             "a?[31mred?",
		"bad\xff\xfeutf8":              "bad??utf8",
		"new\nline":                    "new?line",
		strings.Repeat("é", 100):       strings.Repeat("é", 64),
		"x" + strings.Repeat("é", 100): "x" + strings.Repeat("é", 63),
	} {
		if got := cleanName([]byte(in)); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestReasonsAreTotal(t *testing.T) {
	for i := range 256 {
		if Reason(i).String() == "" {
			t.Errorf("reason %d has no text", i)
		}
	}
	for _, i := range []Reason{12, 13, 14, 15, 17, 255} {
		if !strings.HasPrefix(i.String(), "unknown disconnect reason ") {
			t.Errorf("reason %d reads %q", uint8(i), i)
		}
	}
}

func FuzzParseHello(f *testing.F) {
	f.Add(sampleHello().Append(nil))
	f.Fuzz(func(t *testing.T, in []byte) {
		h, err := ParseHello(in)
		if err != nil {
			if _, ok := errors.AsType[*Violation](err); !ok {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		again, err := ParseHello(h.Append(nil))
		if err != nil {
			t.Skip() // the cut name may be longer in the tamed form
		}
		if diff := cmp.Diff(h, again); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzParseDisconnect(f *testing.F) {
	for _, in := range []string{"", "\xc0", "\xc1\x04", "\x08", "\xc2\x81\xff", "\xc1\x80"} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r := parseDisconnect(in)
		if got := parseDisconnect(appendDisconnect(nil, r)); got != r {
			t.Fatalf("%d became %d", r, got)
		}
	})
}
