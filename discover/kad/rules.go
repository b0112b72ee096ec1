// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"errors"
	"net/netip"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// Why a relayed node is not taken.
var (
	ErrNoAddress   = errors.New("node has no IP address or no UDP port")
	ErrLowPort     = errors.New("node has a UDP port below 1025")
	ErrUnspecified = errors.New("node has the unspecified address")
	ErrSpecial     = errors.New("node has an address of a special-use network")
	ErrLoopback    = errors.New("loopback address told from elsewhere")
	ErrLocal       = errors.New("local address told from outside")
	ErrRestricted  = errors.New("node is outside of the networks we keep to")
)

// lastLowPort: others could use us to send packets to services on the ports up to here.
const lastLowPort = 1024

// CheckRelay reports whether an address may be told from one host to another: what is told
// must make sense where it is heard. It returns an error otherwise.
func CheckRelay(host, told netip.Addr) error {
	switch {
	case !told.IsValid():
		return ErrNoAddress
	case told.Unmap().IsUnspecified():
		return ErrUnspecified
	case netgroup.KindOf(told) == netgroup.Reserved:
		return ErrSpecial
	}
	switch toldScope := scopeOf(told); {
	case toldScope <= scopeOf(host):
		return nil
	case toldScope == localHost:
		return ErrLoopback
	}
	return ErrLocal
}

// Rules say which nodes are taken. The zero value restricts nothing.
type Rules struct {
	Restrict []netip.Prefix // the networks to keep to; empty: all. Must not change
}

// Check returns an error if the node, which the host at from told us of, is not to be
// believed in: for its address, for its port, or for the networks we keep to.
func (r Rules) Check(from netip.Addr, n enr.Node) error {
	if !n.IP.IsValid() || n.UDP == 0 {
		return ErrNoAddress
	}
	if err := CheckRelay(from, n.IP); err != nil {
		return err
	}
	if n.UDP <= lastLowPort {
		return ErrLowPort
	}
	if !r.allow(n.IP) {
		return ErrRestricted
	}
	return nil
}

func (r Rules) allow(ip netip.Addr) bool { return netgroup.Prefixes(r.Restrict).Allow(ip) }
