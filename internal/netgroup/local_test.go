// SPDX-License-Identifier: Apache-2.0

package netgroup

import (
	"net/netip"
	"testing"
)

// TestReachable: a local address can be meant where another of its network is.
func TestReachable(t *testing.T) {
	for _, test := range []struct {
		ip, other string
		want      bool
	}{
		{"34.1.2.3", "", true},
		{"2a01::1", "10.1.2.3", true},
		{"203.0.113.1", "", true}, // no host's, but not local
		{"127.0.0.1", "", false},
		{"127.0.0.1", "127.3.3.3", true},
		{"127.0.0.1", "::1", true},
		{"::1", "127.0.0.1", true},
		{"127.0.0.1", "10.0.0.1", false},
		{"10.1.2.3", "10.1.255.1", true},
		{"10.1.2.3", "10.2.2.3", false},
		{"10.1.2.3", "34.1.2.3", false},
		{"::ffff:10.1.2.3", "10.1.9.9", true},
		{"192.168.1.1", "192.168.9.9", true},
		{"100.64.1.1", "100.64.2.2", true},
		{"100.64.1.1", "10.64.2.2", false},
		{"169.254.169.254", "34.1.2.3", false}, // a cloud's metadata
		{"fd00:1:2::1", "fd00:1:2:3::4", true},
		{"fd00:1:2::1", "fd00:1:3::4", false},
		{"fe80::1%eth0", "fe80::2", true},
		{"0.0.0.0", "0.0.0.0", false},
		{"::", "::1", false},
		{"64:ff9b::10.1.2.3", "10.1.9.9", false}, // its IPv6 form, by way of a NAT64, is another way
	} {
		var others []netip.Addr
		if test.other != "" {
			others = append(others, netip.MustParseAddr("9.9.9.9"), netip.MustParseAddr(test.other))
		}
		if got := Reachable(netip.MustParseAddr(test.ip), others...); got != test.want {
			t.Errorf("%s beside %q: %v", test.ip, test.other, got)
		}
	}
	if Reachable(netip.Addr{}, netip.Addr{}) {
		t.Error("no address can be meant")
	}
}
