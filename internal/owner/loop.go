// SPDX-License-Identifier: Apache-2.0

// in: letters, posts, datagrams, time · out: calls of one machine · goroutine: Run's own

package owner

import (
	"context"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/bounded"
)

// A Machine is the state that a [Loop] owns. Only the loop's goroutine calls it.
type Machine interface {
	// Tick does what is due at now, and what the call before it made necessary. It returns
	// when it must be called next; the zero time means that nothing waits.
	Tick(now time.Time) (next time.Time)
}

// A Letter is what a sender wants done to the machine. The loop calls it.
type Letter[M any] func(m M, now time.Time)

// A Slot is one sender's bounded place in the inbox of a [Loop].
type Slot[M any] = bounded.Slot[Letter[M]]

// A Loop is the goroutine that owns a machine, as others see it: they send it letters through
// slots of their own ([Loop.Open]) and ask it ([Ask], [Want]).
type Loop[M Machine] struct {
	*Owner[M]
	inbox  *bounded.Inbox[Letter[M]]
	record event.Recorder

	datagrams *bounded.Datagrams // nil = none
	receive   func(m M, now time.Time, d *bounded.Datagram)
}

// Bounds of one turn. What waits beyond them is taken after posts and the timer had theirs.
const (
	maxLetters   = 64
	maxDatagrams = 64
)

// NewLoop returns a loop that records losses with record, which may be nil.
func NewLoop[M Machine](record event.Recorder) *Loop[M] {
	return &Loop[M]{Owner: New[M](), inbox: bounded.NewInbox[Letter[M]](), record: record}
}

// Receive has the loop take datagrams, too. It frees each when receive returns. It must be
// called before Run.
func (l *Loop[M]) Receive(from *bounded.Datagrams, receive func(m M, now time.Time, d *bounded.Datagram)) {
	l.datagrams, l.receive = from, receive
}

// Open returns a slot for one sender. It needs no closing. What waits in it is charged to meter
// until the loop takes it; nil = to none.
func (l *Loop[M]) Open(meter bounded.Meter) *Slot[M] { return l.inbox.Open(meter) }

// always is a channel from which something can be received at all times.
var always = func() <-chan struct{} { c := make(chan struct{}); close(c); return c }()

// Run owns m until ctx ends; then it handles the letters that are left, drops those that come later,
// and records the losses that are left. It may be called once.
func (l *Loop[M]) Run(ctx context.Context, m M, losses ...Loss) {
	defer l.Close()
	lost := lossTable{all: losses, counts: make([]uint64, len(losses)), record: l.record}
	var datagrams <-chan *bounded.Datagram
	if l.datagrams != nil {
		datagrams = l.datagrams.Waiting()
	}
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var armed time.Time // when the timer fires; zero = it has, or need not
	ready := l.inbox.Ready()
	tick := func(now time.Time) time.Time { return sooner(m.Tick(now), lost.tick(now)) }
	for next := tick(time.Now()); ctx.Err() == nil; {
		if !next.IsZero() && !next.Equal(armed) {
			timer.Reset(time.Until(next))
			armed = next
		}
		select {
		case <-ctx.Done():
		case <-timer.C:
			armed = time.Time{}
			next = tick(time.Now())
		case post := <-l.posts:
			now := time.Now()
			post(m, now)
			next = tick(now)
		case d := <-datagrams:
			next = l.takeDatagrams(m, d, tick)
		case <-ready:
			ready = l.inbox.Ready()
			var more bool
			if next, more = l.takeLetters(m, next, tick); more {
				ready = always
			}
		}
	}
	l.inbox.Close()
	for more := true; more; {
		_, more = l.takeLetters(m, time.Time{}, tick)
	}
	lost.collect()
	lost.report(time.Now())
}

// takeLetters takes what is in the inbox, up to a bound, calls Tick once after them, and reports
// whether there may be more.
func (l *Loop[M]) takeLetters(m M, next time.Time, tick func(time.Time) time.Time) (time.Time, bool) {
	for n := range maxLetters {
		do, ok := l.inbox.Take()
		switch {
		case !ok && n == 0:
			return next, false
		case !ok:
			return tick(time.Now()), false
		}
		do(m, time.Now())
	}
	return tick(time.Now()), true
}

// takeDatagrams takes a datagram and those behind it, up to a bound.
func (l *Loop[M]) takeDatagrams(m M, d *bounded.Datagram, tick func(time.Time) time.Time) time.Time {
	now := time.Now()
	for range maxDatagrams {
		l.receive(m, now, d)
		l.datagrams.Free(d)
		select {
		case d = <-l.datagrams.Waiting():
			continue
		default:
		}
		return tick(now)
	}
	l.receive(m, now, d)
	l.datagrams.Free(d)
	return tick(now)
}

// sooner returns the earlier of two times, of which a zero one does not count.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
