// SPDX-License-Identifier: Apache-2.0

// in: the operator's wishes, candidates, ends of connections, time · out: dials · one
// goroutine to decide, one to wait for candidates, one for each connection

package server

import (
	"context"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
)

// news tells the dial loop what became of a connection.
type news struct {
	dial *task // nil = they came to us
	over bool  // it has ended; else it has become a peer

	// If it is over:
	outcome    outcome
	node       enr.Node // of a dial, as of now
	resolution resolution
}

// dialLoop keeps static nodes connected and gives the other places to candidates. It owns
// the dialer and the scores, and has one timer.
func (s *Server) dialLoop(ctx context.Context) {
	d, scores := newDialer(s.rules), newScores()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		now := time.Now()
		for _, w := range s.wishes.take() {
			s.onWish(d, w)
		}
		for _, t := range d.due(now) {
			s.launch(ctx, t)
		}
		if at, ok := d.deadline(now); ok {
			timer.Reset(at.Sub(now))
		}
		found := s.found
		if !d.wants(now) {
			found = nil // candidates wait, and so does their source
		}
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-s.wishes.ready:
		case e := <-s.news:
			onNews(time.Now(), d, scores, e)
			s.lost("server.history", d.history.TakeDropped())
			s.lost("server.scores", scores.of.TakeDropped())
		case n := <-found:
			if t, err := d.onCandidate(time.Now(), n); err == nil {
				s.launch(ctx, t)
			}
		}
	}
}

func (s *Server) onWish(d *dialer, w wish) {
	if !w.add {
		d.remove(w.id)
		return
	}
	if err := d.add(w.node); err != nil {
		s.newDial(w.node).refuse(event.StageDial, err)
	}
}

func onNews(now time.Time, d *dialer, scores *scores, e news) {
	if !e.over {
		d.onConnected(e.dial)
		return
	}
	if e.dial != nil {
		d.onEnd(e.dial, e.node, e.resolution)
	}
	if o := e.outcome; o.id != (enr.ID{}) {
		d.onVerdict(now, o.id, scores.onEnd(now, o.id, o.verdict, o.up))
	}
}

// launch dials.
func (s *Server) launch(ctx context.Context, t *task) {
	c := s.newDial(t.node)
	c.static, c.resolution = t.static, t.resolution
	c.settled = func(err error) {
		if err == nil {
			s.tell(ctx, news{dial: t})
		}
	}
	s.conns.Go(func() {
		o := c.run(ctx)
		s.tell(ctx, news{dial: t, over: true, outcome: o, node: c.node, resolution: c.resolution})
	})
}

func (s *Server) tell(ctx context.Context, n news) {
	select {
	case s.news <- n:
	case <-ctx.Done():
	}
}

// lost reports what a table forgot because it was full.
func (s *Server) lost(where string, count uint64) {
	if count > 0 {
		s.cfg.Record.Record(event.Loss{At: event.At{Time: time.Now()}, Where: where, Count: count})
	}
}

// collect waits for candidates, one ahead of what the dial loop takes.
func (s *Server) collect(ctx context.Context) {
	for {
		n, ok := s.cfg.Candidates.Next(ctx)
		if !ok {
			return
		}
		select {
		case s.found <- n:
		case <-ctx.Done():
			return
		}
	}
}
