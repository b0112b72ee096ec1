// SPDX-License-Identifier: Apache-2.0

package server

import (
	"net/netip"

	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// Candidates are strangers, and the addresses of one network are cheap for its owner: of
// those that we dial and those peers that we dialled, not too many shall be of one network.
// Static nodes do not count, and local networks are exempt; where the operator names the
// networks to keep to, he vouches for wide ones.
const (
	dialledPerNet  = 2 // of an IPv4 /24 or IPv6 /64
	dialledPerWide = 4 // one of so many may be of an IPv4 /16 or IPv6 /32; at least one
)

// networksOf returns the networks in which an address counts, the narrow one first.
func networksOf(ip netip.Addr) []netip.Prefix {
	group := netgroup.Of(ip)
	if group.IsZero() {
		return nil
	}
	return []netip.Prefix{group.Narrow, group.Wide}
}

// crowded reports whether the networks of an address have all that they may.
func (d *dialer) crowded(ip netip.Addr) bool {
	most := dialledPerNet
	for _, net := range networksOf(ip) {
		if d.nets[net] >= most {
			return true
		}
		if most = max(d.limit/dialledPerWide, 1); len(d.networks) > 0 {
			break
		}
	}
	return false
}

// count has a candidate count in its networks while it is busy.
func (d *dialer) count(t *task) {
	t.nets = networksOf(t.node.IP)
	for _, net := range t.nets {
		d.nets[net]++
	}
}

func (d *dialer) uncount(t *task) {
	for _, net := range t.nets {
		if d.nets[net]--; d.nets[net] == 0 {
			delete(d.nets, net)
		}
	}
	t.nets = nil
}
