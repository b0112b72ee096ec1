// SPDX-License-Identifier: Apache-2.0

package netgroup

import "net/netip"

// Counts counts addresses by the networks of their groups. It holds a key for each network with an address, so its owner bounds it
// by bounding the addresses. The zero Group never counts.
type Counts map[netip.Prefix]int

// Add counts one address more in each network of a group.
func (c Counts) Add(g Group) {
	for net := range g.Networks() {
		c[net]++
	}
}

// Remove undoes Add.
func (c Counts) Remove(g Group) {
	for net := range g.Networks() {
		if c[net]--; c[net] == 0 {
			delete(c, net)
		}
	}
}

// A Share is the most addresses of one network.
type Share struct {
	Narrow int // of an IPv4 /24, IPv6 /64 or IPv6 /56
	Wide   int // of an IPv4 /16 or IPv6 /32, and so of an IPv6 /48; 0 = not limited
}

// Full reports whether one address more would exceed the share of one of its networks.
func (c Counts) Full(g Group, most Share) bool {
	if g.IsZero() {
		return false
	}
	return c[g.Narrow] >= most.Narrow || g.Home.IsValid() && c[g.Home] >= most.Narrow || most.Wide > 0 && c[g.Wide] >= most.Wide
}
