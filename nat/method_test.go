// SPDX-License-Identifier: Apache-2.0

package nat

import (
	"net/netip"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for spec, want := range map[string]string{
		"": "none", "none": "none", "off": "none", " OFF ": "none",
		"any": "any", "auto": "any", "on": "any", "On": "any",
		"upnp": "upnp", "UPnP": "upnp",
		"pmp": "pmp", "natpmp": "pmp", "NAT-PMP": "pmp",
		"pmp:192.168.1.1": "pmp:192.168.1.1", "NatPMP:10.0.0.138": "pmp:10.0.0.138", "nat-pmp:[::ffff:10.0.0.1]": "pmp:10.0.0.1",
		"extip:34.1.1.1": "extip:34.1.1.1", "EXTIP:34.1.1.1": "extip:34.1.1.1", "ip:34.1.1.1": "extip:34.1.1.1",
		"extip:192.168.1.2": "extip:192.168.1.2", "extip:::ffff:34.1.1.1": "extip:34.1.1.1",
		"extip:2600:0::1": "extip:2600::1", "extip:[2600::1]": "extip:2600::1",
		"stun": "stun", "STUN:stun.example.org": "stun:stun.example.org:3478", "stun:Example.org:19302": "stun:example.org:19302",
		"stun:34.1.1.1": "stun:34.1.1.1:3478", "stun:34.1.1.1:5": "stun:34.1.1.1:5", "stun:example.org:0080": "stun:example.org:80",
		"stun:2600::1": "stun:[2600::1]:3478", "stun:[2600::1]": "stun:[2600::1]:3478", "stun:[2600::1]:99": "stun:[2600::1]:99",
	} {
		m, err := Parse(spec)
		if err != nil || m.String() != want {
			t.Errorf("%q is %v (%v), want %v", spec, m, err, want)
		}
		if again, err := Parse(m.String()); err != nil || again != m {
			t.Errorf("%v becomes %v (%v)", m, again, err)
		}
	}
	if m, _ := Parse("off"); m != (Method{}) {
		t.Error("none is not the zero Method")
	}
}

// TestParseWrong: every error says what to write.
func TestParseWrong(t *testing.T) {
	for spec, want := range map[string]string{
		"upnpp":                       `unknown method "upnpp"; write none, any, upnp, pmp,`,
		"yes":                         "write none, any, upnp,",
		"34.1.1.1":                    "34.1.1.1 is an address, not a method; write extip:34.1.1.1",
		"[2600::1]":                   "write extip:2600::1",
		"none:1":                      `nothing follows "none"; write none alone`,
		"auto:1":                      "write any alone",
		"upnp:192.168.1.1":            "write upnp alone",
		":":                           "write none alone",
		"extip":                       "the address is missing; write extip:IP",
		"ip:":                         "the address is missing; write extip:IP",
		"extip:example.org":           `"example.org" is not an IP address; write extip:IP`,
		"extip:34.1.1.1:30303":        "is not an IP address",
		"extip:0.0.0.0":               "nobody can be reached at 0.0.0.0",
		"extip:::":                    "nobody can be reached at ::",
		"extip:239.1.1.1":             "nobody can be reached",
		"extip:fe80::1%eth0":          "write the one that others reach",
		"pmp:":                        "write pmp:GATEWAY, for example pmp:192.168.1.1, or pmp alone",
		"pmp:router":                  `"router" is not the IPv4 address of a gateway`,
		"pmp:fd00::1":                 "is not the IPv4 address of a gateway",
		"pmp:0.0.0.0":                 "is not the IPv4 address of a gateway",
		"stun:":                       "is not a server; write stun:HOST:PORT",
		"stun::3478":                  "is not a server",
		"stun:a b:1":                  "is not a server",
		"stun:host:1:2":               "is not a server",
		"stun:fe80::1%eth0":           "is not a server",
		"stun:host:0":                 `"0" is not a port; write a number from 1 to 65535`,
		"stun:host:65536":             "is not a port",
		"stun:host:stun":              "is not a port",
		"stun:[2600::1":               "is not a server",
		"\x1b[31mred":                 `\x1b[31mred`,
		strings.Repeat("any ", 1_000): "a method of 3999 bytes; write none,",
	} {
		_, err := Parse(spec)
		if err == nil || !strings.HasPrefix(err.Error(), "nat: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80q: %v, want …%s…", spec, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, spec := range []string{"", "any", "pmp:10.0.0.1", "extip:[::1]", "stun:[::1]:1", "stun:a.example", "ip:1.2.3.4"} {
		f.Add(spec)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		m, err := Parse(spec)
		if err != nil {
			if m != (Method{}) || len(err.Error()) > 700 {
				t.Errorf("%v with %v", m, err)
			}
			return
		}
		if again, err := Parse(m.String()); err != nil || again != m {
			t.Errorf("%q is %v, which becomes %v (%v)", spec, m, again, err)
		}
	})
}

func TestScopes(t *testing.T) {
	for text, want := range map[string]string{
		"34.1.1.1": "", "2600::1": "", "100.63.255.255": "", "100.128.0.0": "", "172.32.0.1": "", "64:ff9b::34.1.1.1": "",
		"10.1.2.3": "private", "172.31.0.1": "private", "192.168.1.2": "private", "fd00::2": "private", "64:ff9b::10.0.0.1": "private",
		"100.64.0.1": "CGNAT", "100.127.255.255": "CGNAT", "169.254.3.4": "link-local", "fe80::1": "link-local", "fe80::1%eth0": "link-local", "::ffff:10.0.0.1": "private",
		"127.0.0.1": "machine itself", "::1": "machine itself",
		"203.0.113.5": notAnAddress, "255.255.255.255": notAnAddress, "240.0.0.1": notAnAddress, "ff02::1": notAnAddress, "2001:db8::1": notAnAddress, "0.0.0.1": notAnAddress,
	} {
		ip := netip.MustParseAddr(text)
		if got := scopeOf(ip); !strings.Contains(got, want) || (got == "") != (want == "") {
			t.Errorf("%v is %q, want %q", ip, got, want)
		}
		if err := unfit("it", ip); (err == nil) != (want == "") {
			t.Errorf("%v: %v", ip, err)
		}
		if Mappable(ip) != (want == "") {
			t.Errorf("mappable %v: %v", ip, Mappable(ip))
		}
	}
	for _, all := range []string{"0.0.0.0", "::", "::ffff:0.0.0.0"} {
		if !Mappable(netip.MustParseAddr(all)) {
			t.Errorf("%v is not mappable", all)
		}
	}
	if Mappable(netip.Addr{}) || Mappable(netip.MustParseAddr("::ffff:127.0.0.1")) {
		t.Error("what is no address, or loopback, is mappable")
	}
}

func TestLikelyGateways(t *testing.T) {
	const table = "Iface\tDestination\tGateway\tFlags\n" +
		"eth0\t00000000\t0102A8C0\t0003\n" + // 192.168.2.1
		"eth1\t00000000\t0100000A\t0003\n" + // 10.0.0.1
		"eth0\t000200C0\t00000000\t0001\n" +
		"tun0\t00000000\t00000000\t0001\n" + "x\t00000000\tZZ\t1\n" + "eth0\t00000000\t0102A8C0\t0003\n"
	for _, test := range []struct{ nets, routes, want string }{
		{"", "", ""},
		{"192.168.1.7/24 10.9.8.7/8 34.1.1.7/24", "", "192.168.1.1 10.0.0.1"},
		{"192.168.1.1/24", "", ""}, // we are the first
		{"192.168.1.7/24 10.9.8.7/8", table, "192.168.2.1 10.0.0.1 192.168.1.1"},
		{"", "garbage\n\n00000000 00000000", ""},
		{"10.1.0.9/16 10.2.0.9/16 10.3.0.9/16 10.4.0.9/16 10.5.0.9/16 10.6.0.9/16 10.7.0.9/16 10.8.0.9/16 10.9.0.9/16", "", "10.1.0.1 10.2.0.1 10.3.0.1 10.4.0.1 10.5.0.1 10.6.0.1 10.7.0.1 10.8.0.1"},
	} {
		var nets []netip.Prefix
		for _, n := range strings.Fields(test.nets) {
			nets = append(nets, netip.MustParsePrefix(n))
		}
		var got []string
		for _, ip := range likelyGateways(nets, test.routes) {
			got = append(got, ip.String())
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%s: %q, want %q", test.nets, s, test.want)
		}
	}
}
