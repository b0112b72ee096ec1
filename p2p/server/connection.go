// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/ecc"
	"github.com/ethpeer/ethpeer/p2p"
)

// A connection goes from nothing to a peer and to its end. Owner: the goroutine that runs
// it.
type connection struct {
	server  *Server
	node    *enr.Node // whom we dial; nil = they came
	stream  net.Conn
	addr    netip.AddrPort
	inbound bool
	began   time.Time

	handshaken func() // called once the handshakes are over, well or badly; frees the slot

	// How far it has come:
	stage   event.Stage
	id      enr.ID
	hello   *p2p.Hello
	version uint      // of eth
	upSince time.Time // zero = never up
}

// run takes the connection all the way and records its end. It returns how long to wait
// before the next dial, and whether the peer had been up.
func (c *connection) run(ctx context.Context) (retry time.Duration, wasUp bool) {
	peer, err := c.setUp(ctx)
	if !(err != nil && c.node != nil) {
		c.handshaken()
	}
	if err == nil {
		c.stage = event.StageStatus
		err = peer.Run(ctx)
		c.server.admission.leave(c.id)
	}
	v := p2p.Judge(err)
	c.record(v, err)
	return v.Retry, !c.upSince.IsZero()
}

// setUp dials if need be, shakes hands, and passes both checkpoints. A peer that it
// returns has been admitted.
func (c *connection) setUp(ctx context.Context) (*p2p.Peer, error) {
	if c.stream == nil {
		c.stage = event.StageDial
		if err := c.dial(ctx); err != nil {
			return nil, blame(ctx, err)
		}
	} else if !c.server.allowed(c.addr.Addr()) {
		c.stage = event.StageAdmit
		c.stream.Close()
		return nil, unreachable(restricted)
	}
	interrupt := context.AfterFunc(ctx, func() { c.stream.Close() })
	peer, err := c.shakeHands()
	if !interrupt() {
		err = blame(ctx, err)
	}
	return peer, err
}

// blame returns our stop in place of what it broke.
func blame(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return &p2p.LocalClose{Reason: p2p.ReasonQuitting}
	}
	return err
}

func (c *connection) shakeHands() (*p2p.Peer, error) {
	deadline := time.Now().Add(setupTimeout)
	c.stage = event.StageRLPx
	t, err := c.secure(deadline)
	if err != nil {
		c.stream.Close()
		return nil, err
	}
	peer, err := c.greet(t, deadline)
	if err != nil {
		p2p.SayGoodbye(t, err)
		return nil, err
	}
	return peer, nil
}

// unreachable is our own decision not to connect.
func unreachable(why string) error {
	return &p2p.LocalClose{Reason: p2p.ReasonNetwork, Why: why}
}

const restricted = "the address is outside of the networks that we are restricted to"

func (c *connection) dial(ctx context.Context) error {
	c.id = c.node.ID()
	ip, err := c.resolve(ctx)
	if err != nil {
		return err
	}
	c.addr = netip.AddrPortFrom(ip, c.node.TCP)
	switch {
	case c.node.TCP == 0:
		return unreachable("the node has no TCP port")
	case !c.server.allowed(ip):
		return unreachable(restricted)
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	c.stream, err = c.server.cfg.Dial(ctx, c.addr)
	return err
}

func (c *connection) resolve(ctx context.Context) (netip.Addr, error) {
	if c.node.IP.IsValid() {
		return c.node.IP, nil
	}
	if c.node.Host == "" {
		return netip.Addr{}, unreachable("the node has no address")
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", c.node.Host)
	if err != nil {
		return netip.Addr{}, err
	}
	return ips[0].Unmap(), nil
}

func (c *connection) secure(deadline time.Time) (t *p2p.Conn, err error) {
	s := c.server
	if c.node != nil {
		return p2p.Initiate(c.stream, s.cfg.Rand, s.cfg.Key, c.node.Key, deadline)
	}
	var remote ecc.PublicKey
	t, remote, err = p2p.Accept(c.stream, s.cfg.Rand, s.cfg.Key, deadline)
	if err == nil {
		c.id = enr.IDOf(remote)
	}
	return t, err
}

// greet passes checkpoint 1, exchanges Hellos, and passes checkpoint 2.
func (c *connection) greet(t p2p.Transport, deadline time.Time) (*p2p.Peer, error) {
	s := c.server
	c.stage = event.StageAdmit
	if err := s.admission.check(c.id, c.inbound); err != nil {
		return nil, err
	}
	c.stage = event.StageHello
	var err error
	if c.hello, err = p2p.ExchangeHello(t, &s.hello, c.id, deadline); err != nil {
		return nil, err
	}
	c.stage = event.StageAdmit
	peer, err := p2p.NewPeer(t, p2p.Config{
		ID: c.id, Hello: c.hello, Addr: c.addr, Inbound: c.inbound, Began: c.began,
		Protocols: s.cfg.Protocols, Up: c.up,
	})
	if err != nil {
		return nil, err
	}
	return peer, s.admission.admit(c.id, c.inbound)
}

// up is called on the peer's owner, which is the goroutine that runs the connection.
func (c *connection) up(stage event.Stage, version uint) {
	c.stage, c.version, c.upSince = stage, version, time.Now()
	e := c.event(c.upSince)
	e.Change = event.PeerUp
	c.server.cfg.Record.Record(e)
}

func (c *connection) record(v p2p.Verdict, cause error) {
	now := time.Now()
	e := c.event(now)
	e.Change, e.Lasted = event.PeerFailed, now.Sub(c.began)
	if !c.upSince.IsZero() {
		e.Change, e.Lasted = event.PeerDown, now.Sub(c.upSince)
	}
	e.By, e.Err = v.By, cause.Error()
	if v.Said {
		e.Reason = v.Reason.String()
	}
	c.server.cfg.Record.Record(e)
}

func (c *connection) event(now time.Time) event.Peer {
	e := event.Peer{
		At: event.At{Time: now}, Stage: c.stage, Inbound: c.inbound, Eth: c.version, Addr: c.addr,
	}
	e.Peer = c.id
	if c.hello != nil {
		e.Client = c.hello.Client
	}
	return e
}
