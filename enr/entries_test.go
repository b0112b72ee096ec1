// SPDX-License-Identifier: Apache-2.0

package enr

import "testing"

// The ports of the IPv6 address are its own, or those of IPv4 (devp2p/enr.md#record-structure).
func TestPortsByAddress(t *testing.T) {
	type ports = map[string]uint16
	type port struct {
		n  uint16
		ok bool
	}
	for _, c := range []struct {
		ports                ports
		tcp, udp, tcp6, udp6 port
	}{
		{nil, port{}, port{}, port{}, port{}},
		{ports{"tcp": 1, "udp": 2}, port{1, true}, port{2, true}, port{1, true}, port{2, true}},
		{ports{"tcp6": 3, "udp6": 4}, port{}, port{}, port{3, true}, port{4, true}},
		{ports{"tcp": 1, "udp": 2, "tcp6": 3, "udp6": 4}, port{1, true}, port{2, true}, port{3, true}, port{4, true}},
	} {
		r := twoAddresses(t, "9.1.1.1", "2a01::7", c.ports)
		for _, x := range []struct {
			name string
			get  func() (uint16, bool)
			want port
		}{{"tcp", r.TCP, c.tcp}, {"udp", r.UDP, c.udp}, {"tcp6", r.TCP6, c.tcp6}, {"udp6", r.UDP6, c.udp6}} {
			if n, ok := x.get(); n != x.want.n || ok != x.want.ok {
				t.Errorf("%s of %v is %d, %v, want %v", x.name, c.ports, n, ok, x.want)
			}
		}
	}
	if ip, ok := twoAddresses(t, "", "", nil).IP4(); ok {
		t.Errorf("a record without ip has %v", ip)
	}
	if ip, ok := twoAddresses(t, "", "", nil).IP6(); ok {
		t.Errorf("a record without ip6 has %v", ip)
	}
}
