// SPDX-License-Identifier: Apache-2.0

package netgroup

import (
	"iter"
	"net/netip"
)

// Sizes of the networks, in bits.
const (
	narrow4, wide4        = 24, 16
	narrow6, home6, wide6 = 64, 56, 32
)

// A Group is the networks that an address counts in. The zero Group counts nowhere.
type Group struct {
	Narrow netip.Prefix // an IPv4 /24 or IPv6 /64
	Home   netip.Prefix // the IPv6 /56 around it, which a provider gives one customer (RFC 6177); invalid for IPv4
	Wide   netip.Prefix // the IPv4 /16 or IPv6 /32 around it, and so around an IPv6 /48, which a provider gives one company
}

// IsZero reports whether the address of the group is exempt from limits by group.
func (g Group) IsZero() bool { return g == Group{} }

// Networks yields the networks of the group, the smallest first: none of the zero Group.
func (g Group) Networks() iter.Seq[netip.Prefix] {
	return func(yield func(netip.Prefix) bool) {
		for _, net := range [...]netip.Prefix{g.Narrow, g.Home, g.Wide} {
			if net.IsValid() && !yield(net) {
				return
			}
		}
	}
}

// Of returns the group of an address. It is zero for an address that any number of honest nodes may share or have at no cost:
// loopback, private networks, and IPv6 link-local addresses. Addresses behind a provider's NAT count, since strangers have them.
func Of(ip netip.Addr) (g Group) {
	if exempt(ip) {
		return Group{}
	}
	ip = translated(Plain(ip))
	narrow, wide := narrow4, wide4
	if ip.Is6() {
		narrow, wide = narrow6, wide6
		g.Home, _ = ip.Prefix(home6)
	}
	g.Narrow, _ = ip.Prefix(narrow) // it fails only for an invalid address, which is exempt
	g.Wide, _ = ip.Prefix(wide)
	return g
}

func exempt(ip netip.Addr) bool {
	switch KindOf(ip) {
	case Loopback, Private, Unspecified:
		return true
	case LinkLocal:
		return Plain(ip).Is6()
	}
	return false
}
