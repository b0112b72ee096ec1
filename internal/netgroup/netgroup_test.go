// SPDX-License-Identifier: Apache-2.0

package netgroup

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

func TestKindOf(t *testing.T) {
	for text, want := range map[string]Kind{
		"34.1.1.1": Global, "2a01:4f8::7": Global, "172.15.255.255": Global, "172.32.0.0": Global, "100.63.255.255": Global,
		"100.128.0.0": Global, "126.255.255.255": Global, "128.0.0.0": Global, "223.255.255.255": Global, "2001:470::1": Global,
		"::ffff:34.1.1.1": Global, "64:ff9b::34.1.1.1": Global,
		"100.64.0.0": Shared, "100.127.255.255": Shared,
		"10.0.0.0": Private, "10.255.255.255": Private, "172.16.0.0": Private, "172.31.255.255": Private, "192.168.255.1": Private,
		"fc00::1": Private, "fdff::1": Private, "::ffff:192.168.1.1": Private, "64:ff9b::10.0.0.1": Private,
		"169.254.169.254": LinkLocal, "fe80::1": LinkLocal, "febf::1%eth0": LinkLocal,
		"127.0.0.1": Loopback, "127.255.255.255": Loopback, "::1": Loopback, "::ffff:127.0.0.1": Loopback, "64:ff9b::127.0.0.1": Loopback,
		"0.0.0.0": Unspecified, "0.1.2.3": Unspecified, "::": Unspecified, "::ffff:0.0.0.0": Unspecified,
		"192.0.0.9": Reserved, "192.0.2.1": Reserved, "198.19.255.255": Reserved, "198.51.100.1": Reserved, "203.0.113.1": Reserved,
		"224.0.0.1": Reserved, "240.0.0.1": Reserved, "255.255.255.255": Reserved, "192.88.99.1": Reserved,
		"::192.168.1.1": Reserved, "64:ff9b:1::1": Reserved, "2001:db8::1": Reserved, "2001::1": Reserved, "2002:a00::1": Reserved,
		"3fff::1": Reserved, "5f00::1": Reserved, "fec0::1": Reserved, "ff02::1": Reserved,
	} {
		if got := KindOf(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s is %v, want %v", text, got, want)
		}
	}
	if got := KindOf(netip.Addr{}); got != Unspecified {
		t.Errorf("no address is %v", got)
	}
}

func TestLocal(t *testing.T) {
	for kind, want := range map[Kind]bool{
		Global: false, Reserved: false, Shared: true, Private: true, LinkLocal: true, Loopback: true, Unspecified: true,
	} {
		if kind.Local() != want {
			t.Errorf("%v: %v", kind, kind.Local())
		}
	}
}

func TestOf(t *testing.T) {
	for text, want := range map[string][2]string{
		"34.1.2.3":              {"34.1.2.0/24", "34.1.0.0/16"},
		"::ffff:34.1.2.3":       {"34.1.2.0/24", "34.1.0.0/16"},
		"64:ff9b::34.1.2.3":     {"34.1.2.0/24", "34.1.0.0/16"},
		"2a01:4f8:1:2:3:4:5:6":  {"2a01:4f8:1:2::/64", "2a01:4f8::/32"},
		"100.64.3.4":            {"100.64.3.0/24", "100.64.0.0/16"},
		"169.254.3.4":           {"169.254.3.0/24", "169.254.0.0/16"},
		"203.0.113.7":           {"203.0.113.0/24", "203.0.0.0/16"},
		"127.0.0.1":             {},
		"10.1.2.3":              {},
		"fd00::1":               {},
		"fe80::1%eth0":          {},
		"0.0.0.0":               {},
		"::ffff:192.168.1.1":    {},
		"64:ff9b::192.168.1.1":  {},
		"2a01:4f8:1:2::7%eth0":  {"2a01:4f8:1:2::/64", "2a01:4f8::/32"},
		"2a01:4f8:ffff:ffff::1": {"2a01:4f8:ffff:ffff::/64", "2a01:4f8::/32"},
	} {
		g := Of(netip.MustParseAddr(text))
		if g.IsZero() != (want[0] == "") {
			t.Errorf("%s: exempt is %v", text, g.IsZero())
		}
		if !g.IsZero() && (g.Narrow.String() != want[0] || g.Wide.String() != want[1]) {
			t.Errorf("%s counts in %v and %v, want %v", text, g.Narrow, g.Wide, want)
		}
	}
	for text, want := range map[string]string{
		"34.1.2.3": "34.1.2.0/24 34.1.0.0/16", "127.0.0.1": "",
		"2a01:4f8:1:234::5": "2a01:4f8:1:234::/64 2a01:4f8:1:200::/56 2a01:4f8::/32",
	} {
		got := ""
		for net := range Of(netip.MustParseAddr(text)).Networks() {
			got += " " + net.String()
		}
		if strings.TrimSpace(got) != want {
			t.Errorf("%s counts in %s, want %s", text, got, want)
		}
	}
	if !Of(netip.Addr{}).IsZero() {
		t.Error("no address counts")
	}
}

// TestCounts: a network has its share, whatever its number of addresses; other networks have theirs.
func TestCounts(t *testing.T) {
	most := Share{Narrow: 3, Wide: 7}
	for _, test := range []struct {
		format string
		want   int
	}{
		{"34.1.2.%d", 3},
		{"34.1.%d.2", 7},
		{"34.%d.1.2", 200},
		{"10.0.0.%d", 200},
		{"2a01:4f8:1:2::%x", 3},
		{"2a01:4f8:1:%x::1", 3},
		{"2a01:4f8:1:%x00::1", 7},
		{"2a01:4f8:%x:2::1", 7},
		{"2a01:%x:1:2::1", 200},
	} {
		c, in := Counts{}, []Group(nil)
		for i := range 200 {
			if g := Of(netip.MustParseAddr(fmt.Sprintf(test.format, i))); !c.Full(g, most) {
				c.Add(g)
				in = append(in, g)
			}
		}
		if len(in) != test.want {
			t.Errorf("%s: %d of 200 addresses fit, want %d", test.format, len(in), test.want)
		}
		if other := Of(netip.MustParseAddr("99.1.2.3")); c.Full(other, most) {
			t.Errorf("%s: another network has no place", test.format)
		}
		for _, g := range in {
			c.Remove(g)
			if c.Full(g, most) {
				t.Errorf("%s: a place that is free again is not given", test.format)
			}
		}
		if len(c) != 0 {
			t.Errorf("%s: still counted: %v", test.format, c)
		}
	}
	c, g := Counts{}, Of(netip.MustParseAddr("34.1.2.3"))
	for range 9 {
		c.Add(g)
	}
	if c.Full(Of(netip.MustParseAddr("34.1.3.3")), Share{Narrow: 3}) {
		t.Error("a wide network is limited without a limit")
	}
}

func TestPrefixes(t *testing.T) {
	p := MustParse("34.0.0.0/8", "2a01::/16")
	for text, want := range map[string]bool{
		"34.1.1.1": true, "::ffff:34.1.1.1": true, "2a01::1%eth0": true, "35.1.1.1": false, "2b01::1": false,
	} {
		ip := netip.MustParseAddr(text)
		if p.Contain(ip) != want || p.Allow(ip) != want || Prefixes(nil).Contain(ip) || !Prefixes(nil).Allow(ip) {
			t.Errorf("%s: contained is %v, want %v", text, p.Contain(ip), want)
		}
	}
	if p.Contain(netip.Addr{}) {
		t.Error("contains no address")
	}
}

// TestNames: every kind has a name of its own.
func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for k := Global; k <= Reserved+1; k++ {
		if s := k.String(); s == "" || seen[s] {
			t.Errorf("kind %d is named %q", k, s)
		}
		seen[k.String()] = true
	}
}
