// SPDX-License-Identifier: Apache-2.0

package server

import (
	"net/netip"

	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// Candidates are not named by the operator, and the addresses of one network are cheap for its owner. So only
// a few of the candidates that are connected, or being dialled, may be of one network group. Static nodes do
// not count, and local networks are exempt. Where Config.NetRestrict names networks, the wide group is exempt
// too.
const (
	dialledPerNet  = 2 // of an IPv4 /24, IPv6 /64 or IPv6 /56
	dialledPerWide = 4 // one in so many dialled peers may be of an IPv4 /16 or IPv6 /32; at least one
)

// dialShare returns how many of the dialled peers one network may have.
func (r *dialRules) dialShare() netgroup.Share {
	share := netgroup.Share{Narrow: dialledPerNet, Wide: max(r.limit/dialledPerWide, 1)}
	if len(r.networks) > 0 {
		share.Wide = 0
	}
	return share
}

// groupFull reports whether the network group of an address has all the dials that it may.
func (d *dialer) groupFull(ip netip.Addr) bool { return d.groups.Full(netgroup.Of(ip), d.dialShare()) }
