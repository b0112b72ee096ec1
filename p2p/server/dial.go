// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/p2p"
)

// dial opens the stream. A static node that cannot be reached where it was last known is
// looked for once, and dialled there.
func (c *connection) dial(ctx context.Context) error {
	at, err := c.locate(ctx)
	if err != nil {
		return err
	}
	err = c.dialAt(ctx, at)
	if _, ours := errors.AsType[*p2p.LocalClose](err); err == nil || ours || ctx.Err() != nil {
		return err
	}
	if !c.static || !c.resolve(ctx) {
		return err
	}
	return c.dialAt(ctx, netip.AddrPortFrom(c.node.IP, c.node.TCP))
}

// locate finds out where to dial: a host name by DNS, each time, and a static node without
// an address by the resolver.
func (c *connection) locate(ctx context.Context) (netip.AddrPort, error) {
	switch {
	case c.node.IP.IsValid():
	case c.node.Host != "":
		ip, err := c.lookup(ctx)
		return netip.AddrPortFrom(ip, c.node.TCP), err
	case !c.static || !c.resolve(ctx):
		return netip.AddrPort{}, unreachable(errNoAddress)
	}
	return netip.AddrPortFrom(c.node.IP, c.node.TCP), nil
}

func (c *connection) lookup(ctx context.Context) (netip.Addr, error) {
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	ips, err := c.server.cfg.Lookup(ctx, c.node.Host)
	if err != nil {
		return netip.Addr{}, err
	}
	if len(ips) == 0 {
		return netip.Addr{}, unreachable(errNoAddress)
	}
	return ips[0].Unmap(), nil
}

// resolve asks the resolver where the node is, unless it was asked a moment ago, and
// reports whether there is an answer to use.
func (c *connection) resolve(ctx context.Context) bool {
	now := time.Now()
	if c.server.cfg.Resolver == nil || !c.resolution.allowed(now) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	found, ok := c.server.cfg.Resolver.Resolve(ctx, c.node)
	ok = ok && found.ID() == c.id && found.IP.IsValid()
	c.resolution.onResult(now, ok)
	if ok {
		c.node = found
	}
	return ok
}

func (c *connection) dialAt(ctx context.Context, at netip.AddrPort) (err error) {
	c.addr = at
	switch {
	case at.Port() == 0:
		return unreachable(errNoPort)
	case !c.server.networks.Allow(at.Addr()):
		return unreachable(errRestricted)
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	c.stream, err = c.server.cfg.Dial(ctx, at)
	return err
}

// newDial prepares the connection of a task.
func (s *Server) newDial(n enr.Node) *connection {
	return &connection{
		server: s, began: time.Now(), node: n, id: n.ID(), addr: netip.AddrPortFrom(n.IP, n.TCP),
	}
}
