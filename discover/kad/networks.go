// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"net/netip"

	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// A scope says where an address has its meaning. A host in one scope may be told of addresses of this scope and of those before
// it.
type scope uint8

const (
	global    scope = iota
	localNet        // many honest nodes may share one such address
	localHost       // likewise
)

func scopeOf(ip netip.Addr) scope {
	switch kind := netgroup.KindOf(ip); {
	case kind == netgroup.Loopback:
		return localHost
	case kind.Local() && ip.IsValid(): // a host whose address is not known hears of global ones only
		return localNet
	}
	return global
}

// usable reports whether a node can be at an address.
func usable(ip netip.Addr) bool {
	return ip.IsValid() && !ip.Unmap().IsUnspecified() && netgroup.KindOf(ip) != netgroup.Reserved
}
