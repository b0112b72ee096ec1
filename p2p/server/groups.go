// SPDX-License-Identifier: Apache-2.0

package server

import (
	"net/netip"

	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// Candidates are not named by the operator, and the addresses of one network are cheap for its
// owner. So of the candidates that are dialled or were, only a few may be of one network group.
// Static nodes do not count, and local networks are exempt. Where the operator restricts peers to
// certain networks, the wide group does not count either.
const (
	dialledPerNet  = 2 // of an IPv4 /24 or IPv6 /64
	dialledPerWide = 4 // one of so many may be of an IPv4 /16 or IPv6 /32; at least one
)

// groups counts by network group. The zero group, of an exempt address, never counts.
type groups map[netip.Prefix]int

func (g groups) add(of netgroup.Group) {
	if !of.IsZero() {
		g[of.Narrow]++
		g[of.Wide]++
	}
}

// remove undoes add.
func (g groups) remove(of netgroup.Group) {
	if of.IsZero() {
		return
	}
	for _, net := range []netip.Prefix{of.Narrow, of.Wide} {
		if g[net]--; g[net] == 0 {
			delete(g, net)
		}
	}
}

// groupFull reports whether the network group of an address has all the dials that it may.
func (d *dialer) groupFull(ip netip.Addr) bool {
	of := netgroup.Of(ip)
	if of.IsZero() {
		return false
	}
	return d.groups[of.Narrow] >= dialledPerNet ||
		len(d.networks) == 0 && d.groups[of.Wide] >= max(d.limit/dialledPerWide, 1)
}
