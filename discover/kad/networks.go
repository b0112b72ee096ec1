// SPDX-License-Identifier: Apache-2.0

package kad

import "net/netip"

// plain returns the form of an address that all forms of it share.
func plain(ip netip.Addr) netip.Addr { return ip.Unmap().WithZone("") }

type networks []netip.Prefix

func (n networks) contain(ip netip.Addr) bool {
	for _, net := range n {
		if net.Contains(ip) {
			return true
		}
	}
	return false
}

func parse(prefixes ...string) (n networks) {
	for _, p := range prefixes {
		n = append(n, netip.MustParsePrefix(p))
	}
	return n
}

// local are the networks whose addresses mean something else elsewhere, besides loopback.
var local = parse("0.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fe80::/10", "fc00::/7")

// A scope says where an address has its meaning. Who is in one scope may hear of addresses
// of this scope and of those before it.
type scope uint8

const (
	global    scope = iota
	localNet        // many honest nodes may share one such address
	localHost       // likewise
)

func scopeOf(ip netip.Addr) scope {
	switch {
	case ip.IsLoopback():
		return localHost
	case local.contain(ip):
		return localNet
	}
	return global
}

// special are the networks in which nobody runs a node, from the special-purpose address
// registries of IANA (RFC 6890).
var special = parse(
	"192.0.0.0/29", "192.0.0.9/32", "192.0.0.170/32", "192.0.0.171/32",
	"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", // documentation
	"192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.175.48.0/24",
	"198.18.0.0/15", // benchmarks
	"224.0.0.0/4", "240.0.0.0/4",
	"100::/64", "2001::/32", "2001:1::1/128", "2001:2::/48", "2001:3::/32", "2001:4:112::/48",
	"2001:5::/32", "2001:10::/28", "2001:20::/28", "2001:db8::/32", "2002::/16", "ff00::/8",
)

// area is the networks whose nodes count together, because their addresses are cheap to get
// for one owner: an IPv4 /24 in its /16, or an IPv6 /64 in its /32. It is zero for local
// addresses, of which any number may be.
type area struct{ narrow, wide netip.Prefix }

// areaOf returns the area of an address that is plain.
func areaOf(ip netip.Addr) area {
	if scopeOf(ip) != global {
		return area{}
	}
	narrow, wide := 64, 32
	if ip.Is4() {
		narrow, wide = 24, 16
	}
	var a area
	a.narrow, _ = ip.Prefix(narrow) // fails only for an invalid address, which has the zero prefix
	a.wide, _ = ip.Prefix(wide)
	return a
}
