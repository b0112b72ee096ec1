// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/netgroup"
	"github.com/ethpeer/ethpeer/p2p"
)

// A connection covers the time from the dial, or from accept, to its end. Owner: the goroutine that runs it.
// The fields that Server.Peers and Server.RemovePeer read do not change after the peer was admitted.
type connection struct {
	server  *Server
	inbound bool
	began   time.Time
	stream  net.Conn
	addr    netip.AddrPort

	// Of a dial:
	node       enr.Node // with the address that the dial found
	static     bool
	resolution resolution
	reached    bool // a stream was opened, to one of its addresses

	settled func(error) // called once the handshakes have succeeded or failed

	// How far the connection has come:
	stage    event.Stage
	deadline time.Time // for RLPx and Hello together
	id       enr.ID
	proven   bool // a frame has opened (devp2p/rlpx.md#mac): the node has the key of id
	trusted  bool // of a dial, as of the first checkpoint
	hello    *p2p.Hello
	peer     *p2p.Peer
	admitted time.Time
	version  uint          // of eth
	upSince  time.Time     // zero = never up
	gone     chan struct{} // closed once the end is recorded
}

// outcome is what an ended connection leaves behind.
type outcome struct {
	id      enr.ID   // zero = the node never proved an ID
	node    enr.Node // the node that was dialled; zero = an inbound connection
	local   bool     // in a network of ours
	reached bool     // a stream was opened
	noRoute bool     // this machine has no route to the node
	verdict p2p.Verdict
	up      time.Duration // 0 = never up
	cause   string
}

// run runs the connection from its handshakes to its end, and records that end.
func (c *connection) run(ctx context.Context) outcome {
	c.gone = make(chan struct{})
	defer close(c.gone)
	err := c.setUp(ctx)
	c.settled(err)
	if err == nil {
		c.stage = event.StageStatus
		err = c.peer.Run(ctx)
		c.server.admission.leave(c.id) // before the event, so that its recorder does not find the peer any more
	}
	v := p2p.Judge(err)
	return outcome{
		id: c.known(), node: c.where(), local: c.local(), reached: c.reached, noRoute: isNoRoute(err),
		verdict: v, up: c.record(v, err), cause: err.Error(),
	}
}

// known returns the ID of the node at the other end, or the zero ID if an inbound connection has not proved
// its ID: so no node is blamed for what a stranger does in its name.
func (c *connection) known() enr.ID {
	if c.inbound && !c.proven {
		return enr.ID{}
	}
	return c.id
}

// local reports whether the other end is in a network of our own.
func (c *connection) local() bool { return c.group().IsZero() }

// setUp dials if the connection is ours, runs the handshakes, and passes both checkpoints. If it succeeds,
// the peer has been admitted.
func (c *connection) setUp(ctx context.Context) error {
	t, err := c.open(ctx)
	if err != nil {
		return blame(ctx, err)
	}
	return c.guard(ctx, func() error {
		err := c.greet(t)
		if err != nil {
			p2p.SayGoodbye(t, err)
		}
		return err
	})
}

// open returns an encrypted connection over the stream that was accepted, or over one that it dials.
func (c *connection) open(ctx context.Context) (t *p2p.Conn, err error) {
	if !c.inbound {
		return c.dial(ctx)
	}
	err = c.guard(ctx, func() error {
		t, err = c.secure()
		return err
	})
	return t, err
}

// guard runs part of the handshake. The end of ctx interrupts it.
func (c *connection) guard(ctx context.Context, part func() error) error {
	interrupt := context.AfterFunc(ctx, func() { c.stream.Close() })
	err := part()
	if !interrupt() {
		err = blame(ctx, err)
	}
	return err
}

// blame returns the cause of our own stop, if that broke the handshake; else it returns err.
func blame(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return &p2p.LocalClose{Reason: p2p.ReasonQuitting}
	}
	return err
}

// secure runs the RLPx handshake (devp2p/rlpx.md#initial-handshake). If that fails, secure closes the stream.
func (c *connection) secure() (t *p2p.Conn, err error) {
	s := c.server
	c.reached, c.stage, c.deadline = true, event.StageRLPx, time.Now().Add(setupTimeout)
	if c.inbound {
		var remote ecc.PublicKey
		if t, remote, err = p2p.Accept(c.stream, s.cfg.Rand, s.cfg.Key, c.deadline); err == nil {
			c.id = enr.IDOf(remote)
		}
	} else {
		t, err = p2p.Initiate(c.stream, s.cfg.Rand, s.cfg.Key, c.node.Key, c.deadline)
	}
	if err != nil {
		c.stream.Close()
	}
	return t, err
}

// greet passes checkpoint 1, exchanges Hellos (devp2p/rlpx.md#hello-0x00), and passes checkpoint 2, which
// first checks that a protocol is shared and then everything again that checkpoint 1 checked.
func (c *connection) greet(t *p2p.Conn) (err error) {
	s := c.server
	c.stage = event.StageAdmit
	if c.inbound {
		err = s.admission.checkInbound(time.Now(), c.group())
	} else {
		c.trusted, err = s.admission.check(c.id)
	}
	if err != nil {
		return err
	}
	c.stage = event.StageHello
	c.hello, err = p2p.ExchangeHello(t, &s.hello, c.id, c.deadline)
	if c.proven = t.Proven(); err != nil {
		return err
	}
	c.stage = event.StageAdmit
	c.peer, err = p2p.NewPeer(t, p2p.Config{
		ID: c.id, Hello: c.hello, Addr: c.addr, Inbound: c.inbound, Began: c.began,
		Protocols: s.cfg.Protocols, Budget: s.budget, OnMessage: s.cfg.OnMessage, Up: c.up,
	})
	if err != nil {
		return err
	}
	return c.admit()
}

// admit passes checkpoint 2.
func (c *connection) admit() error {
	c.admitted = time.Now()
	victim, err := c.server.admission.admit(c.admitted, c.id, member{
		inbound: c.inbound, trusted: c.trusted, conn: c, group: c.group(),
	})
	if victim != nil {
		victim.conn.peer.End(errDisplaced())
	}
	return err
}

// group is the network group of the other end.
func (c *connection) group() netgroup.Group { return netgroup.Of(c.addr.Addr()) }

// up is called once eth has the peer's Status (devp2p/caps/eth.md#status-0x00), on the peer's owner: the
// goroutine that runs the connection.
func (c *connection) up(stage event.Stage, version uint) {
	c.stage, c.version, c.upSince = stage, version, time.Now()
	e := c.event(c.upSince)
	e.Change = event.PeerUp
	c.server.cfg.Record.Record(e)
	c.server.cfg.Reputation.OnUp(c.upSince, c.id, c.where())
}

// record records the end. It returns for how long the peer was up: never 0 if it was up at all.
func (c *connection) record(v p2p.Verdict, cause error) (up time.Duration) {
	now := time.Now()
	e := c.event(now)
	e.Change, e.Lasted = event.PeerFailed, now.Sub(c.began)
	if !c.upSince.IsZero() {
		up = max(1, now.Sub(c.upSince))
		e.Change, e.Lasted = event.PeerDown, up
	}
	e.By, e.Err = v.By, cause.Error()
	if v.Said {
		e.Reason = v.Reason.String()
	}
	if c.tells(now) {
		c.server.cfg.Record.Record(e)
	}
	return up
}

// tells reports whether the end is recorded as an event. Of inbound connections that never became a peer,
// each network has one event in 30 s. Connections of nodes that the operator named have an event each, and so
// have those of our own networks that were let in.
func (c *connection) tells(now time.Time) bool {
	if !c.inbound || !c.upSince.IsZero() || c.reached && c.local() || c.proven && c.server.admission.named(c.id) {
		return true
	}
	tell, untold := c.server.failures.onFailure(now, c.addr.Addr())
	c.server.lost("server.refused", untold)
	return tell
}

func (c *connection) event(now time.Time) event.Peer {
	e := event.Peer{
		At: event.At{Time: now}, Stage: c.stage, Inbound: c.inbound, Static: c.server.admission.named(c.known()), Eth: c.version, Addr: c.addr,
	}
	e.Peer = c.known()
	if c.hello != nil {
		e.Client = c.hello.Client
	}
	return e
}

// refuse ends a connection before its handshake, by a decision of our own.
func (c *connection) refuse(stage event.Stage, why error) {
	if c.stream != nil {
		c.stream.Close()
	}
	c.stage = stage
	err := unreachable(why)
	c.record(p2p.Judge(err), err)
}

// unreachable returns why as our own decision not to connect.
func unreachable(why error) error {
	return &p2p.LocalClose{Silent: true, Why: why.Error()}
}
