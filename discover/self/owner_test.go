// SPDX-License-Identifier: Apache-2.0

package self

import (
	"net/netip"
	"testing"
	"time"
)

// A customer is addresses of one network: i counts its narrow networks, j the addresses of one.
type customer struct {
	name string
	at   func(i, j int) netip.Addr
}

var customers = []customer{
	{"an IPv4 /16", func(i, j int) netip.Addr { return netip.AddrFrom4([4]byte{34, 1, byte(i), byte(j)}) }},
	{"an IPv6 /48", func(i, j int) netip.Addr {
		return netip.AddrFrom16([16]byte{0x2a, 0x01, 0x04, 0xf8, 0, 1, byte(i >> 8), byte(i), 15: byte(j)})
	}},
	{"an IPv6 /32", func(i, j int) netip.Addr {
		return netip.AddrFrom16([16]byte{0x2a, 0x01, 0x04, 0xf8, byte(i), 1, byte(i), byte(j), 15: byte(j)})
	}},
}

// endpoints returns our true endpoint, and one that an attacker states, in the family of an address.
func endpoints(of netip.Addr) (ours, victim netip.AddrPort) {
	if of.Is4() {
		return netip.MustParseAddrPort("203.0.113.77:30303"), netip.MustParseAddrPort("198.51.100.1:53")
	}
	return netip.MustParseAddrPort("[2a02::77]:30303"), netip.MustParseAddrPort("[2a03::1]:53")
}

// stated returns the endpoint that our record states in the family of an address.
func stated(t *testing.T, r *Record, of netip.Addr) netip.AddrPort {
	t.Helper()
	if of.Is4() {
		ip, _ := r.Record().IP4()
		udp, _ := r.Record().UDP()
		return netip.AddrPortFrom(ip, udp)
	}
	ip, _ := r.Record().IP6()
	udp, ok := r.Record().UDP6()
	if !ok {
		udp, _ = r.Record().UDP()
	}
	return netip.AddrPortFrom(ip, udp)
}

// TestOneOwnerDoesNotMoveUs: with any number of addresses the owner of a network has two of the ten
// statements that are needed, and cannot displace those of others.
func TestOneOwnerDoesNotMoveUs(t *testing.T) {
	for _, c := range customers {
		ours, victim := endpoints(c.at(0, 0))
		r := newRecord(t, Config{})
		r.SetUDP(30303)
		hosts(r, start, 0, 20, ours.String())
		for i := range 1024 {
			r.OnStatement(start.Add(time.Duration(i)*time.Millisecond), c.at(i%256, i/256), victim)
			if at := stated(t, r, ours.Addr()); at != ours {
				t.Fatalf("%s: after %d statements of one owner we are at %v", c.name, i+1, at)
			}
		}
	}
}

// TestVoicesOfOneNetwork: one owner's statements count as two, whether others have spoken before or not.
func TestVoicesOfOneNetwork(t *testing.T) {
	for _, c := range customers {
		_, victim := endpoints(c.at(0, 0))
		for others, want := range map[int]bool{7: false, 8: true} {
			r := newRecord(t, Config{})
			r.SetUDP(30303)
			hosts(r, start, 100, others, victim.String())
			for i := range 300 {
				r.OnStatement(start, c.at(i%256, i/256), victim)
			}
			if got := stated(t, r, victim.Addr()) == victim; got != want {
				t.Errorf("%s and %d others: believed is %v, want %v", c.name, others, got, want)
			}
		}
	}
}

// TestStatementsOfAnotherFamily: a host that we reach by IPv4 has not seen our IPv6 address, nor the reverse.
func TestStatementsOfAnotherFamily(t *testing.T) {
	for _, test := range []struct {
		by   func(i int) netip.Addr
		seen string
	}{
		{func(i int) netip.Addr { return netip.AddrFrom4([4]byte{80, byte(i), 0, 1}) }, "[2a03::1]:30303"},
		{func(i int) netip.Addr { return netip.AddrFrom16([16]byte{0x2a, byte(i), 15: 1}) }, "198.51.100.1:30303"},
		{func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}) }, "198.51.100.1:30303"},
		{func(i int) netip.Addr { return netip.AddrFrom4([4]byte{100, 64, 0, byte(i)}) }, "198.51.100.1:30303"},
		{func(i int) netip.Addr { return netip.AddrFrom4([4]byte{80, byte(i), 0, 1}) }, "192.168.1.1:30303"},
		{func(i int) netip.Addr { return netip.AddrFrom16([16]byte{0x2a, byte(i), 15: 1}) }, "[fd00::1]:30303"},
	} {
		seen := netip.MustParseAddrPort(test.seen)
		r := newRecord(t, Config{})
		r.SetUDP(30303)
		for i := range 100 {
			r.OnStatement(start, test.by(i), seen)
		}
		if at := stated(t, r, seen.Addr()); at.Addr().IsValid() {
			t.Errorf("%v and others have us at %v", test.by(1), at)
		}
	}
}

// TestMappedStatements: an IPv4 address in IPv6 is that IPv4 address, for the host and for us.
func TestMappedStatements(t *testing.T) {
	r := newRecord(t, Config{})
	r.SetUDP(30303)
	for i := range 10 {
		by := netip.AddrFrom16(netip.AddrFrom4([4]byte{80, byte(i), 0, 1}).As16())
		r.OnStatement(start, by, netip.MustParseAddrPort("[::ffff:198.51.100.1]:30303"))
	}
	if at := stated(t, r, netip.MustParseAddr("198.51.100.1")); at != netip.MustParseAddrPort("198.51.100.1:30303") {
		t.Errorf("we are at %v", at)
	}
}
