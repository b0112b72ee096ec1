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

// lastLowPort is the highest refused port: a relayed node could direct our packets at a service.
const lastLowPort = 1024

// CheckRelay returns an error if one host must not tell another of an address, because the address
// is not valid in the other's scope.
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

// Reached returns the node that a record is about, after the node itself sent the record from an endpoint. If a host there must
// not tell us of the record's address (see [CheckRelay]), such as a private one, the node stays at the endpoint.
func Reached(at enr.Node, r *enr.Record) enr.Node {
	n := r.Node()
	if CheckRelay(at.IP, n.IP) != nil {
		n.IP, n.UDP = at.IP, at.UDP
		if n.TCP == 0 {
			n.TCP = at.TCP
		}
	}
	return n
}

// Settle returns the node that sent its record from an endpoint: at the record's address if it responds there, else at that
// endpoint.
func Settle(at enr.Node, r *enr.Record, responds func(enr.Node) bool) enr.Node {
	stated := Reached(at, r)
	if stated.IP == at.IP && stated.UDP == at.UDP || responds(stated) {
		return stated
	}
	if at.Record = r; at.TCP == 0 {
		at.TCP = stated.TCP
	}
	return at
}

// Rules say which nodes are taken. The zero value restricts nothing.
type Rules struct {
	Restrict []netip.Prefix // the networks to keep to; empty: all. Must not change
}

// Check returns an error if a node that the host at from relayed is refused: for its address, its
// port, or the networks of Restrict.
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
