// SPDX-License-Identifier: Apache-2.0

// in: the operator's commands, candidates, ends of connections, time · out: dials · one
// goroutine to decide, one to wait for candidates, one for each connection

package server

import (
	"context"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/nodedb"
	"github.com/ethpeer/ethpeer/p2p"
)

// A connResult tells the dial loop that a connection became a peer, or ended.
type connResult struct {
	dial  *task // nil = an inbound connection
	over  bool  // the connection has ended; else it has become a peer
	local bool  // the peer is in a network of ours

	// If over:
	outcome    outcome
	node       enr.Node // of a dial, with the address that it found
	resolution resolution
}

// dialLoop keeps static nodes connected and gives the other places to candidates, until ctx ends. It then
// closes quiet and takes the results of the remaining connections until over is closed. Connections last
// until stay ends. dialLoop owns the dialer and has one timer.
func (s *Server) dialLoop(ctx, stay context.Context, quiet chan<- struct{}, over <-chan struct{}) {
	d := newDialer(s.rules)
	for id, wait := range s.cfg.Reputation.Cooldowns(time.Now()) {
		d.leaveAlone(time.Now(), id, wait)
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		now := time.Now()
		for _, w := range s.commands.take() {
			s.onCommand(now, d, w)
		}
		if t, changed := d.outage.report(now); changed {
			s.cfg.Record.Record(t)
		}
		for _, t := range d.due(now) {
			s.launch(stay, t)
		}
		if at := d.deadline(now); !at.IsZero() {
			timer.Reset(at.Sub(now))
		}
		found := s.candidates
		if !d.wants(now) {
			found = nil // candidates wait, and so does their source
		}
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-s.commands.ready:
		case e := <-s.results:
			s.onConnResult(time.Now(), d, e)
			s.lost("server.history", d.history.TakeDropped())
			s.lost("server.scores", s.cfg.Reputation.Forgotten())
		case n := <-found:
			now := time.Now()
			t, err := d.onCandidate(now, n.Node)
			s.tellCandidate(now, n, err)
			if err == nil {
				s.launch(stay, t)
			}
		}
	}
	close(quiet)
	for {
		select {
		case e := <-s.results:
			s.onConnResult(time.Now(), d, e)
		case <-over:
			return
		}
	}
}

func (s *Server) onCommand(now time.Time, d *dialer, w command) {
	switch w.kind {
	case commandRemove:
		d.remove(w.id)
	case commandRoute:
		d.outage.onRoute(w.err)
	case commandAdd:
		if err := d.add(now, w.node); err != nil {
			s.newDial(w.node).refuse(event.StageDial, err)
		}
	}
}

func (s *Server) onConnResult(now time.Time, d *dialer, e connResult) {
	if !e.over {
		if e.dial != nil {
			d.onConnected(e.dial)
		}
		d.outage.onPeer(e.local)
		return
	}
	if e.dial != nil {
		d.onEnd(e.dial, e.node, e.resolution)
	}
	o := e.outcome
	if o.id == (enr.ID{}) {
		return
	}
	if d.outage.onEnd(o, e.dial != nil, s.admission.scopes()) {
		d.onOutage(now, o.id) // our network is down, so the failure is no evidence against the node
		return
	}
	wait := s.cfg.Reputation.OnEnd(now, o.end())
	d.onVerdict(now, o.id, wait, staticWait(o.verdict, o.up))
}

// end returns the outcome as nodedb judges it. "Too many peers" (devp2p/rlpx.md#disconnect-0x01) is no fault
// of a node.
func (o *outcome) end() nodedb.End {
	e := nodedb.End{ID: o.id, Node: o.node, Up: o.up, Score: o.verdict.Score, Retry: o.verdict.Retry, Cause: o.cause}
	if o.verdict.Lost && o.up > 0 {
		e.Score = 0 // it was of use: such an end is no fault
	}
	e.Full = o.up == 0 && o.verdict.By == event.ByThem && o.verdict.Reason == p2p.ReasonTooManyPeers
	return e
}

// tellCandidate records whether a candidate is dialled, or why not.
func (s *Server) tellCandidate(now time.Time, c Candidate, refused error) {
	addr, _ := c.Node.TCPAddr()
	s.cfg.Record.Record(event.Candidate{
		At: event.At{Time: now}, Peer: c.Node.ID(), Addr: addr, Source: c.Source, Taken: refused == nil, Why: whyNot[refused],
	})
}

// launch starts the connection of a task.
func (s *Server) launch(ctx context.Context, t *task) {
	c := s.newDial(t.node)
	c.static, c.resolution = t.static, t.resolution
	c.settled = func(err error) {
		if err == nil {
			s.results <- connResult{dial: t, local: c.local()}
		}
	}
	s.conns.Go(func() {
		o := c.run(ctx)
		s.results <- connResult{dial: t, over: true, outcome: o, node: c.node, resolution: c.resolution}
	})
}

// lost records how many entries a full table forgot.
func (s *Server) lost(where string, count uint64) {
	if count > 0 {
		s.cfg.Record.Record(event.Loss{At: event.At{Time: time.Now()}, Where: where, Count: count})
	}
}

// collect waits for candidates and keeps one ready for the dial loop.
func (s *Server) collect(ctx context.Context) {
	for {
		n, ok := s.cfg.Candidates.Next(ctx)
		if !ok {
			return
		}
		select {
		case s.candidates <- n:
		case <-ctx.Done():
			return
		}
	}
}
