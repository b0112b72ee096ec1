// SPDX-License-Identifier: Apache-2.0

// in: a connection · out: their Status · owner: one p2p.Peer

package probe

import (
	"context"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
)

// maxStatus bounds a Status, in bytes: none needs more than 200.
const maxStatus = 1024

// hear waits for the node's Status, if it speaks eth, and says goodbye.
func (c *Config) hear(ctx context.Context, conn *p2p.Conn, hello *p2p.Hello, n enr.Node, a *Answer) Answer {
	l := &listener{began: time.Now(), patience: c.Timeout}
	peer, err := p2p.NewPeer(conn, p2p.Config{
		ID: n.ID(), Hello: hello, Addr: a.Addr, Began: l.began, Protocols: protocols(l),
	})
	if err != nil { // no eth in common
		p2p.SayGoodbye(conn, errHeard)
		return a.end(event.StageHello, nil)
	}
	a.Eth = peer.Shared()[0].Version
	err = peer.Run(ctx)
	if l.heard.IsZero() {
		return a.end(event.StageStatus, because(ctx, err))
	}
	a.Status, a.Took.Status = &l.status, max(1, l.heard.Sub(l.began))
	return a.end(event.StageEth, nil) // whatever came after it
}

// errHeard is how a connection ends on which all was said.
var errHeard error = &p2p.LocalClose{Reason: p2p.ReasonRequested, Why: "that was all that we wanted to know"}

// A listener is eth as p2p wants it, but hears a Status and nothing more. It is its own
// session.
type listener struct {
	version  wire.Version
	began    time.Time
	patience time.Duration

	// owner: reader, until the peer has run
	status wire.Status
	heard  time.Time
}

// protocols is what we offer.
func protocols(l *listener) []p2p.Protocol { return []p2p.Protocol{l} }

// Name returns "eth".
func (l *listener) Name() string { return "eth" }

// Versions lists all that we can read: so the answer tells the best that the node has.
func (l *listener) Versions() (all []p2p.Version) {
	for _, v := range wire.Known() {
		all = append(all, p2p.Version{Number: uint(v), Length: v.Length(), MaxSize: maxStatus})
	}
	return all
}

// Open implements [p2p.Protocol].
func (l *listener) Open(_ *p2p.Peer, v p2p.Version) (p2p.Handler, error) {
	l.version = wire.Version(v.Number)
	return l, nil
}

// Receive implements [p2p.Handler].
func (l *listener) Receive(code uint64, payload []byte) (p2p.Step, error) {
	theirs, err := eth.Handshake{Version: l.version}.Receive(code, payload)
	if err != nil {
		return nil, err
	}
	l.status, l.heard = theirs, time.Now()
	return nil, errHeard
}

// Tick implements [p2p.Handler]: it watches over the deadline.
func (l *listener) Tick(now time.Time) (time.Time, error) {
	deadline := l.began.Add(l.patience)
	if !now.Before(deadline) {
		return time.Time{}, &p2p.LocalClose{Reason: p2p.ReasonTimeout, Why: "no Status in time"}
	}
	return deadline, nil
}

// Close implements [p2p.Handler].
func (l *listener) Close(error) {}
