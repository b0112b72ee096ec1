// SPDX-License-Identifier: Apache-2.0

package enr

import (
	"net/netip"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
)

// twoAddresses returns a record with the keys that are not empty. ip6 can be any 16 bytes.
func twoAddresses(t *testing.T, ip4, ip6 string, ports map[string]uint16) *Record {
	t.Helper()
	var b Builder
	if ip4 != "" {
		b.SetIP(netip.MustParseAddr(ip4))
	}
	if ip6 != "" {
		raw := netip.MustParseAddr(ip6).As16()
		b.Set("ip6", rlp.AppendBytes(nil, raw[:]))
	}
	for key, port := range ports {
		b.Set(key, rlp.AppendUint64(nil, uint64(port)))
	}
	r, err := b.Sign(testKey(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Of two addresses the one that reaches further is the node's (go-ethereum#29801).
func TestNodeIsAtTheAddressThatReachesFurther(t *testing.T) {
	const global6 = "2a01:4f8::7"
	for _, c := range []struct{ ip4, ip6, want string }{
		{"192.168.1.5", global6, global6},
		{"127.0.0.1", global6, global6},
		{"169.254.1.1", global6, global6},
		{"100.64.0.1", global6, global6},
		{"0.0.0.0", global6, global6},
		{"", global6, global6},
		{"127.0.0.1", "fd00::1", "fd00::1"},
		{"127.0.0.1", "fe80::1", "fe80::1"},
		{"83.229.71.210", "fe80::250:56ff:fe26:cb98", "83.229.71.210"},
		{"83.229.71.210", global6, "83.229.71.210"},
		{"192.168.1.5", "fd00::1", "192.168.1.5"},
		{"192.168.1.5", "fe80::1", "192.168.1.5"},
		{"127.0.0.1", "::1", "127.0.0.1"},
		{"127.0.0.1", "::", "127.0.0.1"},
		{"192.168.1.5", "::ffff:34.1.1.1", "34.1.1.1"},
		{"", "::ffff:34.1.1.1", "34.1.1.1"},
		{"", "::ffff:0.0.0.0", "invalid IP"},
		{"0.0.0.0", "::", "invalid IP"},
		{"", "", "invalid IP"},
	} {
		r := twoAddresses(t, c.ip4, c.ip6, map[string]uint16{"tcp": 1, "udp": 2})
		n := r.Node()
		if n.IP.String() != c.want {
			t.Errorf("%q and %q: the node is at %s, want %s", c.ip4, c.ip6, n.IP, c.want)
		}
		if n.IP.IsValid() != (n.TCP == 1 && n.UDP == 2) {
			t.Errorf("%q and %q: ports %d and %d", c.ip4, c.ip6, n.TCP, n.UDP)
		}
		if again, err := ParseNode(n.URL()); err != nil || again.IP != n.IP || again.TCP != n.TCP || again.UDP != n.UDP {
			t.Errorf("%q and %q: printed as %s, which reads as %v, %v", c.ip4, c.ip6, n.URL(), again.IP, err)
		}
	}
}

// udp and tcp serve ip6, too, if there is no udp6 and tcp6 (devp2p/enr.md#record-structure).
func TestPortsOfTwoAddresses(t *testing.T) {
	type ports = map[string]uint16
	for _, c := range []struct {
		ip4, ip6 string
		ports    ports
		tcp, udp string // where the node is; "": nowhere
	}{
		{"", "2a01::7", ports{"tcp": 1, "udp": 2}, "[2a01::7]:1", "[2a01::7]:2"},
		{"", "2a01::7", ports{"tcp": 1, "udp": 2, "tcp6": 3, "udp6": 4}, "[2a01::7]:3", "[2a01::7]:4"},
		{"", "2a01::7", ports{"tcp": 1, "udp": 2, "udp6": 4}, "[2a01::7]:1", "[2a01::7]:4"},
		{"9.1.1.1", "2a01::7", ports{"tcp": 1, "udp": 2, "tcp6": 3, "udp6": 4}, "9.1.1.1:1", "9.1.1.1:2"},
		{"9.1.1.1", "2a01::7", ports{"tcp6": 3, "udp6": 4}, "[2a01::7]:3", "[2a01::7]:4"}, // the other has no port
		{"10.1.1.1", "2a01::7", ports{"udp": 2}, "", "[2a01::7]:2"},
		{"9.1.1.1", "2a01::7", nil, "", ""},
	} {
		n := twoAddresses(t, c.ip4, c.ip6, c.ports).Node()
		for _, x := range []struct {
			want string
			get  func() (netip.AddrPort, bool)
		}{{c.tcp, n.TCPAddr}, {c.udp, n.UDPAddr}} {
			if at, ok := x.get(); ok != (x.want != "") || ok && at.String() != x.want {
				t.Errorf("%s and %s with %v: at %v %v, want %q", c.ip4, c.ip6, c.ports, at, ok, x.want)
			}
		}
	}
}

// NodeAt finds both of a record's addresses, in whatever form they are asked for.
func TestNodeAtEitherAddress(t *testing.T) {
	r := twoAddresses(t, "192.168.1.5", "2a01:4f8::7", map[string]uint16{"tcp": 1, "udp": 2, "udp6": 4})
	mapped := twoAddresses(t, "", "::ffff:34.1.1.1", map[string]uint16{"udp": 2})
	for _, c := range []struct {
		r  *Record
		at string
		ip string // "": not there
	}{
		{r, "192.168.1.5:2", "192.168.1.5"},
		{r, "[::ffff:192.168.1.5]:2", "192.168.1.5"},
		{r, "192.168.1.5:4", ""},
		{r, "[2a01:4f8::7]:4", "2a01:4f8::7"},
		{r, "[2a01:4f8::7%eth0]:4", "2a01:4f8::7"},
		{r, "[2a01:4f8::7]:2", ""},
		{r, "[2a01:4f8::8]:4", ""},
		{mapped, "34.1.1.1:2", "34.1.1.1"},
		{mapped, "[::ffff:34.1.1.1]:2", "34.1.1.1"},
		{twoAddresses(t, "9.1.1.1", "", nil), "9.1.1.1:0", ""},
	} {
		at := netip.MustParseAddrPort(c.at)
		n, ok := c.r.NodeAt(at)
		if ok != (c.ip != "") || ok && (n.IP.String() != c.ip || n.UDP != at.Port() || n.TCP != 1 && c.r == r) {
			t.Errorf("at %s: %v, %v", c.at, n, ok)
		}
		if !ok && n.IP != c.r.Node().IP {
			t.Errorf("at %s, where it is not: %v", c.at, n)
		}
	}
}
