// SPDX-License-Identifier: Apache-2.0

package netgroup

import "net/netip"

// A Kind says where an address has its meaning.
type Kind uint8

// The kinds.
const (
	Global      Kind = iota // one host on the Internet
	Shared                  // behind a provider's NAT (RFC 6598, "CGNAT")
	Private                 // a local network (RFC 1918, RFC 4193)
	LinkLocal               // one link (RFC 3927, RFC 4291)
	Loopback                // this machine
	Unspecified             // "this host" (RFC 1122), or no address at all
	Reserved                // no host's: documentation, benchmarks, multicast, tunnels, future use
)

// String names the kind.
func (k Kind) String() string {
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown kind"
}

var names = [...]string{"global", "shared", "private", "link-local", "loopback", "unspecified", "reserved"}

// Local reports whether the address means something else, or nothing, elsewhere.
func (k Kind) Local() bool { return k != Global && k != Reserved }

// kinds are the networks that are not Global. The first that contains an address decides.
var kinds = []struct {
	kind     Kind
	prefixes Prefixes
}{
	{Unspecified, MustParse("0.0.0.0/8", "::/128")},
	{Loopback, loopback},
	{Private, MustParse("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")},
	{Shared, MustParse("100.64.0.0/10")},
	{LinkLocal, MustParse("169.254.0.0/16", "fe80::/10")},
	{Reserved, MustParse(
		"192.0.0.0/24",                                      // IETF protocols
		"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", // documentation
		"192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.175.48.0/24",
		"198.18.0.0/15", // benchmarks
		"224.0.0.0/3",   // multicast, future use, broadcast
		"::/96",         // "IPv4-compatible", deprecated (RFC 4291)
		"64:ff9b:1::/48", "100::/64", "2001::/32", "2001:1::1/128", "2001:2::/48", "2001:3::/32", "2001:4:112::/48",
		"2001:5::/32", "2001:10::/28", "2001:20::/28", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16",
		"fec0::/10", // site-local, deprecated (RFC 3879)
		"ff00::/8",
	)},
}

// MustParse returns the networks, such as "10.0.0.0/8". It panics if one is wrong: it is for constants.
func MustParse(texts ...string) (all Prefixes) {
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// KindOf returns the kind of an address. An invalid address is Unspecified.
func KindOf(ip netip.Addr) Kind {
	if !ip.IsValid() {
		return Unspecified
	}
	ip = translated(Plain(ip))
	for _, k := range kinds {
		if k.prefixes.Contain(ip) {
			return k.kind
		}
	}
	return Global
}

// nat64 is the prefix of IPv6 addresses that a NAT64 translates to the IPv4 address in their last four bytes (RFC 6052).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

func translated(ip netip.Addr) netip.Addr {
	if !nat64.Contains(ip) {
		return ip
	}
	b := ip.As16()
	return netip.AddrFrom4([4]byte(b[12:]))
}

// Plain returns the form that all forms of an address share: not IPv4 in IPv6, and without a zone.
func Plain(ip netip.Addr) netip.Addr { return ip.Unmap().WithZone("") }

// Prefixes is a list of networks.
type Prefixes []netip.Prefix

// Contain reports whether one of the networks contains the address, in whatever form.
func (p Prefixes) Contain(ip netip.Addr) bool {
	ip = Plain(ip)
	for _, net := range p {
		if net.Contains(ip) {
			return true
		}
	}
	return false
}

// Allow reads the list as a restriction: an empty one allows every address.
func (p Prefixes) Allow(ip netip.Addr) bool { return len(p) == 0 || p.Contain(ip) }
