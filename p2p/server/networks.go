// SPDX-License-Identifier: Apache-2.0

package server

import "net/netip"

// networks is a list of them. The zero value has none.
type networks []netip.Prefix

func (n networks) contain(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	for _, net := range n {
		if net.Contains(ip) {
			return true
		}
	}
	return false
}

// allow reads n as a restriction, where an empty list is none.
func (n networks) allow(ip netip.Addr) bool { return len(n) == 0 || n.contain(ip) }

// localNetworks are exempt from what protects against strangers: many honest peers may
// share one of their addresses.
var localNetworks = networks{
	netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("::1/128"),
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("fe80::/10"),
	netip.MustParsePrefix("fc00::/7"),
}

// exempt reports whether an address is local, or is none, as over a pipe.
func exempt(ip netip.Addr) bool { return !ip.IsValid() || localNetworks.contain(ip) }
