// SPDX-License-Identifier: Apache-2.0

package server

import (
	"errors"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// Why a node is not dialled.
var (
	errSelf       = errors.New("the node is ourselves")
	errNoPort     = errors.New("the node has no TCP port")
	errBusy       = errors.New("the node is being dialled, or is connected because it was")
	errPointless  = errors.New("the node is connected, or there is no place for it")
	errRestricted = errors.New("the address is outside of the networks that we are restricted to")
	errLocal      = errors.New("the address is of a local network that the operator has not named")
	errNoAddress  = errors.New("the node has no address")
	errTooSoon    = errors.New("the node was dialled, or disappointed us, a moment ago")
	errNetwork    = errors.New("enough nodes of its network are dialled, or peers")
)

// whyNot maps the reasons to those of an event.Candidate.
var whyNot = map[error]string{
	errSelf: "self", errNoPort: "no port", errBusy: "connected", errPointless: "connected or full", errRestricted: "restricted",
	errLocal: "local", errNoAddress: "no address", errTooSoon: "too soon", errNetwork: "network full",
}

// never returns why a node can never be dialled; nil if it can.
func (d *dialer) never(n enr.Node) error {
	switch {
	case n.ID() == d.self:
		return errSelf
	case noPort(n):
		return errNoPort
	case d.restricted(n):
		return errRestricted
	}
	return nil
}

// refusal returns why a node cannot be dialled now; nil if it can.
func (d *dialer) refusal(now time.Time, id enr.ID, n enr.Node) error {
	switch {
	case id == d.self:
		return errSelf
	case noPort(n):
		return errNoPort
	case d.busy[id] != nil:
		return errBusy
	case d.skip(id):
		return errPointless
	case d.restricted(n):
		return errRestricted
	case now.Before(d.notBefore(id)):
		return errTooSoon
	}
	return nil
}

// noPort reports whether a node takes no TCP connections: its record has no "tcp" key (EIP-778). It is false
// for a node without an address, because the resolver may find a port too.
func noPort(n enr.Node) bool { return n.TCP == 0 && n.IP.IsValid() }

// restricted reports whether Config.NetRestrict forbids a node's address. It is false for a node without an
// address: the address that the resolver finds is checked later.
func (d *dialer) restricted(n enr.Node) bool { return n.IP.IsValid() && !d.networks.Allow(n.IP) }

// foreign reports whether an address from a stranger is of a local network that is not ours. The address
// would mean another host here, such as a service of our own network. Our local networks are those of the
// addresses that the operator gave, and of NetRestrict.
func (d *dialer) foreign(ip netip.Addr) bool {
	if len(d.networks) > 0 || !netgroup.KindOf(ip).Local() {
		return false
	}
	var named []netip.Addr
	for _, t := range d.static {
		named = append(named, t.node.IP)
		if t.resolution.worked {
			named = append(named, t.resolution.last)
		}
	}
	return !d.near(ip, named...)
}

// near reports whether an address is global, or in the local network of an address that the operator gave.
func (s *Server) near(ip netip.Addr, named ...netip.Addr) bool {
	named = append(named, s.cfg.External)
	if at, err := netip.ParseAddrPort(s.cfg.Listen); err == nil {
		named = append(named, at.Addr())
	}
	for _, n := range s.cfg.Static {
		named = append(named, n.IP)
	}
	if s.cfg.Neighbors != nil {
		named = append(named, s.cfg.Neighbors()...)
	}
	return netgroup.Reachable(ip, named...)
}
