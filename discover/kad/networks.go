// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"net/netip"

	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// A scope is the part of the network in which an address is valid. A host in one scope may be told
// of addresses of this scope and of wider ones (devp2p/discv5/discv5-wire.md#nodes-response-0x04).
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
	case kind.Local() && ip.IsValid(): // a host without a known address is told of global ones only
		return localNet
	}
	return global
}

// usable reports whether a node can be at an address.
func usable(ip netip.Addr) bool {
	return ip.IsValid() && !ip.Unmap().IsUnspecified() && netgroup.KindOf(ip) != netgroup.Reserved
}
