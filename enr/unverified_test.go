// SPDX-License-Identifier: Apache-2.0

package enr

import (
	"bytes"
	"errors"
	"net/netip"
	"testing"
)

// An UnverifiedRecord returns the entries before they are verified, and the record only if its
// signature is valid.
func TestUnverifiedRecord(t *testing.T) {
	good, err := ParseText(specText)
	if err != nil {
		t.Fatal(err)
	}
	at, _ := good.Node().UDPAddr()
	forged := bytes.Clone(good.Raw())
	forged[20] ^= 1 // in the signature
	for _, test := range []struct {
		name string
		raw  []byte
		want error
	}{{"good", good.Raw(), nil}, {"forged", forged, ErrSignature}} {
		c, err := DecodeUnverified(test.raw)
		if err != nil {
			t.Fatal(test.name, err)
		}
		if n, ok := c.NodeAt(at); !ok || n.Record != nil || n.URL() != good.Node().URL() {
			t.Errorf("%s: is at %v, %v", test.name, n, ok)
		}
		if c.ID() != good.ID() || c.PublicKey() != good.PublicKey() || c.Seq() != good.Seq() || !bytes.Equal(c.Raw(), test.raw) {
			t.Errorf("%s: says %v %v", test.name, c.ID(), c.Seq())
		}
		for range 2 {
			if r, err := c.Verify(); !errors.Is(err, test.want) || (r == nil) != (err != nil) {
				t.Errorf("%s: %v, %v", test.name, r, err)
			}
		}
	}
	if r, err := good.Unverified().Verify(); r != good || err != nil {
		t.Errorf("the record, unverified, is %v, %v", r, err)
	}
	if _, err := DecodeUnverified(good.Raw()[:50]); err == nil {
		t.Error("half a record is read")
	}
}

// TestNodeAt: a record has two places, and a node counts as being at one of them only.
func TestNodeAt(t *testing.T) {
	var b Builder
	b.SetIP(netip.MustParseAddr("34.1.1.1"))
	b.SetIP(netip.MustParseAddr("2001:db9::1"))
	b.SetUDP(30303)
	b.SetUDP6(30304)
	both, err := b.Sign(testKey(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]bool{
		"34.1.1.1:30303": true, "34.1.1.1:30304": false, "34.1.1.2:30303": false,
		"[2001:db9::1]:30304": true, "[2001:db9::1]:30303": false, "[2001:db9::2]:30304": false,
	} {
		n, ok := both.NodeAt(netip.MustParseAddrPort(at))
		if got, _ := n.UDPAddr(); ok != want || ok && got.String() != at {
			t.Errorf("%s: %v, %v", at, got, ok)
		}
	}
}
