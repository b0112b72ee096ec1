// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

func TestCheckRelay(t *testing.T) {
	const wan, lan, loopback = "34.1.1.1", "192.168.1.1", "127.0.0.1"
	tests := []struct {
		host, told string
		want       error
	}{
		{wan, "34.2.2.2", nil},
		{wan, "2a00::1", nil},
		{lan, "34.2.2.2", nil},
		{wan, "0.0.0.0", ErrUnspecified},
		{wan, "::", ErrUnspecified},
		{lan, "::ffff:0.0.0.0", ErrUnspecified},
		{wan, "192.0.2.1", ErrSpecial},
		{lan, "203.0.113.9", ErrSpecial},
		{loopback, "224.0.0.1", ErrSpecial},
		{wan, "255.255.255.255", ErrSpecial},
		{wan, "2001:db8::1", ErrSpecial},
		{wan, "ff02::1", ErrSpecial},
		{wan, "2002:a00::1", ErrSpecial},
		{loopback, "127.0.0.2", nil},
		{"::1", "127.0.0.2", nil},
		{lan, "127.0.0.2", ErrLoopback},
		{wan, "::1", ErrLoopback},
		{wan, "::ffff:127.0.0.1", ErrLoopback},
		{lan, "10.0.0.1", nil},
		{loopback, "10.0.0.1", nil},
		{"fe80::1%eth0", "fe80::2", nil},
		{wan, "10.0.0.1", ErrLocal},
		{wan, "172.31.0.1", ErrLocal},
		{wan, "172.32.0.1", nil},
		{wan, "::ffff:192.168.1.1", ErrLocal},
		{wan, "fe80::1%eth0", ErrLocal},
		{wan, "fd00::1", ErrLocal},
		{wan, "169.254.169.254", ErrLocal},
		{wan, "100.64.0.1", ErrLocal},
		{wan, "64:ff9b::192.168.1.1", ErrLocal},
		{wan, "64:ff9b::127.0.0.1", ErrLoopback},
		{wan, "64:ff9b::34.2.2.2", nil},
		{wan, "fec0::1", ErrSpecial},
		{wan, "::192.168.1.1", ErrSpecial},
		{"100.64.0.2", "100.64.0.1", nil},
	}
	for _, test := range tests {
		err := CheckRelay(netip.MustParseAddr(test.host), netip.MustParseAddr(test.told))
		if !errors.Is(err, test.want) {
			t.Errorf("%s tells of %s: %v, want %v", test.host, test.told, err, test.want)
		}
	}
	if err := CheckRelay(netip.MustParseAddr(wan), netip.Addr{}); !errors.Is(err, ErrNoAddress) {
		t.Errorf("no address: %v", err)
	}
	if err := CheckRelay(netip.Addr{}, netip.MustParseAddr(lan)); !errors.Is(err, ErrLocal) {
		t.Errorf("told by nobody knows whom: %v", err)
	}
}

// TestReached: a node stays where it sent its record from, unless a host there may tell of the record's address.
func TestReached(t *testing.T) {
	key, err := ecc.ParsePrivateKey(append(make([]byte, 31), 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		at, stated string // stated with TCP port 7; "" = no address
		want       string
		tcp        uint16
	}{
		{"34.1.1.1:1111", "34.1.1.1:1111", "34.1.1.1:1111", 7},
		{"34.1.1.1:1111", "34.2.2.2:2222", "34.2.2.2:2222", 7},
		{"34.1.1.1:1111", "192.168.1.1:2222", "34.1.1.1:1111", 7},
		{"34.1.1.1:1111", "100.64.1.1:2222", "34.1.1.1:1111", 7},
		{"34.1.1.1:1111", "192.0.2.1:2222", "34.1.1.1:1111", 7},
		{"34.1.1.1:1111", "", "34.1.1.1:1111", 5},
		{"192.168.1.1:1111", "192.168.1.2:2222", "192.168.1.2:2222", 7},
		{"192.168.1.1:1111", "34.1.1.1:2222", "34.1.1.1:2222", 7},
		{"192.168.1.1:1111", "127.0.0.1:2222", "192.168.1.1:1111", 7},
	} {
		var b enr.Builder
		if test.stated != "" {
			stated := netip.MustParseAddrPort(test.stated)
			b.SetIP(stated.Addr())
			b.SetUDP(stated.Port())
			b.SetTCP(7)
		}
		r, err := b.Sign(key, 1)
		if err != nil {
			t.Fatal(err)
		}
		at := netip.MustParseAddrPort(test.at)
		n := Reached(enr.Node{Key: key.Public(), IP: at.Addr(), UDP: at.Port(), TCP: 5}, r)
		if udp, _ := n.UDPAddr(); udp.String() != test.want || n.TCP != test.tcp || n.Record != r {
			t.Errorf("%s states %q: %v, TCP %d, want %s, TCP %d", test.at, test.stated, udp, n.TCP, test.want, test.tcp)
		}
	}
}

func TestRules(t *testing.T) {
	rules := Rules{Restrict: []netip.Prefix{netip.MustParsePrefix("34.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}}
	tests := []struct {
		told string
		want error
	}{
		{"34.2.2.2:1025", nil},
		{"[::ffff:34.2.2.2]:30303", nil},
		{"34.2.2.2:0", ErrNoAddress},
		{"34.2.2.2:1", ErrLowPort},
		{"34.2.2.2:1024", ErrLowPort},
		{"35.2.2.2:30303", ErrRestricted},
		{"10.2.2.2:30303", ErrLocal},
		{"[2a00::1]:30303", ErrRestricted},
	}
	for _, test := range tests {
		a := netip.MustParseAddrPort(test.told)
		err := rules.Check(netip.MustParseAddr("34.1.1.1"), enr.Node{IP: a.Addr(), UDP: a.Port()})
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.told, err, test.want)
		}
	}
	if err := (Rules{}).Check(netip.MustParseAddr("34.1.1.1"), enr.Node{UDP: 30303}); !errors.Is(err, ErrNoAddress) {
		t.Errorf("no address: %v", err)
	}
}
