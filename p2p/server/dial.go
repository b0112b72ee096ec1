// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
)

// Limits of one dial to a node that has several addresses.
const (
	maxEndpoints    = 4               // addresses tried one after the other; the next dial begins with the others
	endpointTimeout = 5 * time.Second // for each address to accept, or its share of dialTimeout if that is more
)

// dial opens a stream and runs the RLPx handshake on it. It tries the node's addresses in turn. If none of
// them accepts a connection and the node is static, dial asks the resolver once and tries the address that it
// finds.
func (c *connection) dial(ctx context.Context) (*p2p.Conn, error) {
	c.stage = event.StageDial
	at, err := c.endpoints(ctx)
	if err != nil {
		return nil, err
	}
	t, err := c.dialAny(ctx, at)
	if _, ours := errors.AsType[*p2p.LocalClose](err); err == nil || ours || c.reached || ctx.Err() != nil {
		return t, err
	}
	if !c.static {
		return nil, err
	}
	found, ok := c.resolve(ctx)
	if !ok {
		return nil, err
	}
	return c.dialAny(ctx, []netip.AddrPort{netip.AddrPortFrom(found.IP, found.TCP)})
}

// dialAny tries the addresses in turn until the RLPx handshake succeeds, which proves that the node is there:
// only it can decrypt the auth packet (devp2p/rlpx.md#initial-handshake). If none succeeds, dialAny returns
// the last failure other than a missing route, or else the last failure.
func (c *connection) dialAny(ctx context.Context, all []netip.AddrPort) (*p2p.Conn, error) {
	var failed error
	var where netip.AddrPort
	var stage event.Stage
	for _, at := range all {
		t, err := c.dialOne(ctx, at, max(dialTimeout/time.Duration(len(all)), endpointTimeout))
		c.resolution.onDial(at.Addr(), err == nil)
		if err == nil || ctx.Err() != nil {
			return t, err
		}
		if failed == nil || !isNoRoute(err) {
			failed, where, stage = err, c.addr, c.stage
		}
	}
	c.addr, c.stage = where, stage
	return nil, failed
}

func (c *connection) dialOne(ctx context.Context, at netip.AddrPort, timeout time.Duration) (t *p2p.Conn, err error) {
	c.addr, c.stage = at, event.StageDial
	switch {
	case at.Port() == 0:
		return nil, unreachable(errNoPort)
	case !c.server.networks.Allow(at.Addr()):
		return nil, unreachable(errRestricted)
	}
	dialling, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if c.stream, err = c.server.cfg.Dial(dialling, at); err != nil {
		return nil, err
	}
	err = c.guard(ctx, func() error {
		t, err = c.secure()
		return err
	})
	return t, err
}

// endpoints returns the addresses to dial, in order. For a host name: all its addresses, looked up for each
// dial. For a node: its address; for a static node also the address of the other IP version in its record,
// and then the last one from the resolver. For a static node without an address: what the resolver finds.
func (c *connection) endpoints(ctx context.Context) (all []netip.AddrPort, err error) {
	switch {
	case c.node.IP.IsValid():
		all = append(all, netip.AddrPortFrom(c.node.IP, c.node.TCP))
		if other, ok := otherEndpoint(c.node); ok && c.static {
			all = append(all, other)
		}
		found := c.resolution.found
		if at := netip.AddrPortFrom(found.IP, found.TCP); at.IsValid() && !slices.Contains(all, at) {
			all = append(all, at)
		}
	case c.node.Host != "":
		ips, err := c.lookup(ctx)
		if err != nil {
			return nil, err
		}
		for _, ip := range ips {
			all = append(all, netip.AddrPortFrom(ip.Unmap(), c.node.TCP))
		}
	case c.static:
		found, ok := c.resolve(ctx)
		if !ok {
			return nil, unreachable(errNoAddress)
		}
		all = append(all, netip.AddrPortFrom(found.IP, found.TCP))
	default:
		return nil, unreachable(errNoAddress)
	}
	all = c.resolution.order(all)
	return all[:min(len(all), maxEndpoints)], nil
}

// otherEndpoint returns the address of the other IP version than n.IP that the node's record states (EIP-778,
// keys "ip6" and "tcp6").
func otherEndpoint(n enr.Node) (netip.AddrPort, bool) {
	if n.Record == nil {
		return netip.AddrPort{}, false
	}
	ip, okIP := n.Record.IP6()
	port, okPort := n.Record.TCP6()
	if n.IP.Is6() {
		ip, okIP = n.Record.IP4()
		port, okPort = n.Record.TCP()
	}
	return netip.AddrPortFrom(ip, port), okIP && okPort && ip != n.IP
}

func (c *connection) lookup(ctx context.Context) ([]netip.Addr, error) {
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	ips, err := c.server.cfg.Lookup(ctx, c.node.Host)
	if err == nil && len(ips) == 0 {
		err = unreachable(errNoAddress)
	}
	return ips, err
}

// resolve asks the resolver for the node's address (devp2p/discv4.md#recursive-lookup,
// devp2p/discv5/discv5-theory.md#lookup), unless it was asked a moment ago. The answer may come from a
// stranger, so it never replaces an address that the operator gave: it is tried in addition.
func (c *connection) resolve(ctx context.Context) (found enr.Node, ok bool) {
	now := time.Now()
	if c.server.cfg.Resolver == nil || !c.resolution.allowed(now) {
		return enr.Node{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	found, ok = c.server.cfg.Resolver.Resolve(ctx, c.node)
	ok = ok && found.ID() == c.id && found.IP.IsValid() && (len(c.server.networks) > 0 || c.server.near(found.IP, c.node.IP))
	c.resolution.onResult(now, ok)
	switch {
	case ok && c.node.IP.IsValid():
		c.resolution.found = found
	case ok:
		c.node = found
	}
	return found, ok
}

// where returns the node with the address that was dialled.
func (c *connection) where() enr.Node {
	if found := c.resolution.found; found.IP.IsValid() && found.IP == c.addr.Addr() && found.TCP == c.addr.Port() {
		return found
	}
	return c.node
}

// newDial prepares the connection of a task.
func (s *Server) newDial(n enr.Node) *connection {
	return &connection{
		server: s, began: time.Now(), node: n, id: n.ID(), addr: netip.AddrPortFrom(n.IP, n.TCP),
	}
}
