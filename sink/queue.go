// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/event"
)

// Bound is how many events a Queue holds: some ten seconds of a busy main network with
// every sighting. Full, with bodies, it keeps about 30 MiB alive.
const Bound = 65_536

// Output is the place that losses of a Queue name.
const Output = "output"

// A Queue hands events from those who record them to the goroutine in [Queue.Run].
type Queue struct {
	keep    func(event.Event) bool // nil keeps all
	start   time.Time
	wake    chan struct{} // holds a token when there is something new for Run
	written atomic.Uint64 // bytes, for those who watch whether the reader still takes any

	mu     sync.Mutex // a leaf; guards what follows
	ring   []event.Event
	first  int // index of the oldest
	size   int
	lost   uint64 // dropped since the last loss was put in
	lostAt event.At
	closed bool
	silent bool // end without a summary
	tally  event.Tally
}

// New returns a queue for a run that began at start. Events for which keep is false are
// counted in the summary and not written; a nil keep keeps all. keep is called by every
// goroutine that records.
func New(start time.Time, keep func(event.Event) bool) *Queue {
	return newQueue(start, keep, Bound)
}

func newQueue(start time.Time, keep func(event.Event) bool, bound int) *Queue {
	return &Queue{keep: keep, start: start, wake: make(chan struct{}, 1), ring: make([]event.Event, bound)}
}

// Record takes an event; it is an event.Recorder. It never blocks on the output, and is
// safe for use by several goroutines.
func (q *Queue) Record(e event.Event) {
	kept := q.keep == nil || q.keep(e)
	q.mu.Lock()
	q.tally.Count(e)
	if kept {
		q.put(e)
	}
	q.mu.Unlock()
	if kept {
		q.notify()
	}
}

// Close says that nothing more will be recorded. Run writes what waits and the summary,
// then returns. Closing twice does nothing.
func (q *Queue) Close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.notify()
}

// Discard ends a run that did not come about: Run drops what waits and returns without
// a summary.
func (q *Queue) Discard() {
	q.mu.Lock()
	q.silent = true
	q.mu.Unlock()
	q.abandon()
	q.notify()
}

// Waiting returns how many events wait to be written.
func (q *Queue) Waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.size
}

// Written returns how many bytes the output has taken. If it stands still while events
// wait, the reader has stopped reading.
func (q *Queue) Written() uint64 { return q.written.Load() }

// put appends e to the ring, or drops it. A gap is closed by its loss first, so that
// the loss stands where the lost lines would.
func (q *Queue) put(e event.Event) {
	need := 1
	if q.lost > 0 {
		need = 2
	}
	if q.closed || len(q.ring)-q.size < need {
		q.drop(e)
		return
	}
	if q.lost > 0 {
		q.push(q.loss())
	}
	q.push(e)
}

func (q *Queue) push(e event.Event) {
	q.ring[(q.first+q.size)%len(q.ring)] = e
	q.size++
}

func (q *Queue) drop(e event.Event) {
	q.lost++
	q.lostAt = event.At{Time: e.When()}
	q.tally.Count(event.Loss{Where: Output, Count: 1})
}

// loss reports the gap and ends it. It bears the time of the last lost event.
func (q *Queue) loss() event.Loss {
	l := event.Loss{At: q.lostAt, Where: Output, Count: q.lost}
	q.lost = 0
	return l
}

// take moves up to cap(dst) events out, the oldest first. The queue is at its end when
// there are none and open is false.
func (q *Queue) take(dst []event.Event) (_ []event.Event, open bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.size > 0 && len(dst) < cap(dst) {
		dst = append(dst, q.ring[q.first])
		q.ring[q.first] = nil
		q.first = (q.first + 1) % len(q.ring)
		q.size--
	}
	if len(dst) == 0 && q.lost > 0 && !q.silent {
		dst = append(dst, q.loss())
	}
	return dst, !q.closed
}

// abandon lets go of everything: there is nobody left to write it.
func (q *Queue) abandon() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	clear(q.ring)
	q.first, q.size, q.lost = 0, 0, 0
}

func (q *Queue) discarded() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.silent
}

func (q *Queue) summary(now time.Time) event.Summary {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.tally.Summary(q.start, now)
}

func (q *Queue) notify() {
	select {
	case q.wake <- struct{}{}:
	default: // a token is there already
	}
}
