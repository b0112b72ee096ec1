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

// whyNot is what an event.Candidate says of them.
var whyNot = map[error]string{
	errSelf: "self", errNoPort: "no port", errBusy: "connected", errPointless: "connected or full", errRestricted: "restricted",
	errLocal: "local", errNoAddress: "no address", errTooSoon: "too soon", errNetwork: "network full",
}

// never says why a node cannot be dialled at any time.
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

// refusal says why a node cannot be dialled now.
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

// noPort reports whether a node takes no TCP connections, as a record without "tcp" says (EIP-778). It is false for a node without an address: a port may be found with it.
func noPort(n enr.Node) bool { return n.TCP == 0 && n.IP.IsValid() }

// restricted is false for a node without an address: what is found will be checked.
func (d *dialer) restricted(n enr.Node) bool { return n.IP.IsValid() && !d.networks.Allow(n.IP) }

// foreign reports whether an address that others told of is of a local network where we are not: it would mean another host here
// than there, such as a service of our own network. The operator's addresses say where we are, and so does NetRestrict.
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

// near reports whether an address is global, or of a local network of an address that the operator gave.
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
