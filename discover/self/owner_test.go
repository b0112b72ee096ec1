// SPDX-License-Identifier: Apache-2.0

package self

import (
	"net/netip"
	"testing"
	"time"
)

// TestOneOwnerDoesNotMoveUs: a provider gives a customer many IPv6 /64, and they may state our IPv4 address.
func TestOneOwnerDoesNotMoveUs(t *testing.T) {
	r := newRecord(t, Config{})
	r.SetUDP(30303)
	ours := netip.MustParseAddrPort("203.0.113.77:30303")
	for i := range 20 {
		r.OnStatement(start, netip.AddrFrom4([4]byte{80, byte(i), 1, 1}), ours)
	}
	for i := range statementTable {
		by := netip.AddrFrom16([16]byte{0x2a, 0x01, 0x04, 0xf8, 0, 1, byte(i >> 8), byte(i), 15: 1})
		r.OnStatement(start.Add(time.Duration(i)*time.Millisecond), by, netip.MustParseAddrPort("198.51.100.1:53"))
		if n := r.Node(); n.IP != ours.Addr() {
			t.Fatalf("after %d statements of one IPv6 /48 we are at %v", i+1, n.IP)
		}
	}
}
