// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"io"
	"time"

	"github.com/ethpeer/ethpeer/event"
)

// A Format turns events into bytes. Its methods are called by one goroutine.
type Format interface {
	// Append appends what is to be written for e.
	Append(dst []byte, e event.Event) []byte
}

// A Live format also shows the state of things, such as a status line.
type Live interface {
	Format
	// Status is called when no event waits. It appends what is to be written now and
	// says when to call again if no event comes before; the zero time means never.
	Status(dst []byte, now time.Time, s event.Summary) (_ []byte, next time.Time)
}

const (
	batchSize = 256      // events per visit to the queue
	chunkSize = 32 << 10 // bytes gathered before a write
)

// Run writes events to w until the queue is closed and empty, then the summary; once. Calls to
// w.Write carry whole lines only. The first error of w ends Run and is returned as it
// is; events that are recorded after that are dropped.
//
// Run cannot interrupt a w.Write that never returns; see [Queue.Written] for how to tell.
func (q *Queue) Run(w io.Writer, f Format) error {
	defer q.events.Close()
	out := output{w: w, f: f, q: q}
	batch := make([]event.Event, 0, batchSize)
	timer := time.NewTimer(time.Hour)
	timer.Stop() // until a live format asks for it
	for {
		events, open := q.events.Take(batch)
		if len(events) == 0 && !open {
			if q.silent.Load() {
				return nil
			}
			return out.finish(time.Now())
		}
		if err := out.lines(events); err != nil {
			return err
		}
		if len(events) > 0 {
			clear(events) // a batch that waits keeps no event alive
			continue
		}
		next, err := out.idle(time.Now())
		if err != nil {
			return err
		}
		if next > 0 {
			timer.Reset(next)
		}
		select {
		case <-q.events.Ready():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// output gathers lines into writes. Owner: the goroutine in Run.
type output struct {
	w   io.Writer
	f   Format
	q   *Queue
	buf []byte // lines that were not written yet
}

func (o *output) lines(events []event.Event) error {
	for _, e := range events {
		o.buf = o.f.Append(o.buf, e)
		if len(o.buf) >= chunkSize {
			if err := o.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// idle writes what was gathered and, of a live format, the status. It returns when to
// do so again; 0 means not before the next event.
func (o *output) idle(now time.Time) (next time.Duration, err error) {
	if live, ok := o.f.(Live); ok {
		var at time.Time
		if o.buf, at = live.Status(o.buf, now, o.q.summary(now)); !at.IsZero() {
			next = max(at.Sub(now), time.Millisecond)
		}
	}
	return next, o.flush()
}

func (o *output) finish(now time.Time) error {
	o.buf = o.f.Append(o.buf, o.q.summary(now))
	return o.flush()
}

func (o *output) flush() error {
	if len(o.buf) == 0 {
		return nil
	}
	n, err := o.w.Write(o.buf)
	o.q.written.Add(uint64(max(0, n)))
	if err == nil && n < len(o.buf) {
		err = io.ErrShortWrite
	}
	o.buf = o.buf[:0]
	return err
}
