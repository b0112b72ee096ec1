// SPDX-License-Identifier: Apache-2.0

package netgroup

import "net/netip"

// Sizes of the local networks that one address gives away, in bits.
const (
	local4 = 16 // as much of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 as one organisation uses together
	local6 = 48 // the global ID of a local prefix (RFC 4193, section 3.1)
)

// Around returns the local networks that a host at an address is in: none for an address that is not local, all loopback addresses
// for one of them, else an IPv4 /16 or IPv6 /48.
func Around(ip netip.Addr) Prefixes {
	ip = translated(Plain(ip))
	kind := KindOf(ip)
	switch {
	case !kind.Local() || kind == Unspecified:
		return nil
	case kind == Loopback:
		return loopback
	}
	bits := local6
	if ip.Is4() {
		bits = local4
	}
	net, _ := ip.Prefix(bits)
	return Prefixes{net}
}

var loopback = MustParse("127.0.0.0/8", "::1/128")

// Reachable reports whether an address can be meant: it is not local, or it is in the local network of one of the others, where the
// reader of the address is. An address that a stranger told is dialled only then, because a local address means another host
// here than there.
func Reachable(ip netip.Addr, others ...netip.Addr) bool {
	if !KindOf(ip).Local() {
		return true
	}
	for _, other := range others {
		if Around(other).Contain(ip) {
			return true
		}
	}
	return false
}
