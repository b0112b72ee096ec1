// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/event"
)

// Bound is how many events a Queue holds: some ten seconds of a busy main network with
// every sighting. Full, with bodies, it keeps about 30 MiB alive. Transactions, sightings
// and candidates have 57,344 of these places at most (see [event.ReserveShare]).
const Bound = 65_536

// Output is the site that losses of a Queue name.
const Output = "output"

// A Queue hands events from the goroutines that record them to the one in [Queue.Run], and
// counts them for the summary.
type Queue struct {
	start   time.Time
	hub     event.Hub
	events  *event.Subscription // of hub, which has no other
	written atomic.Uint64       // bytes
	silent  atomic.Bool         // end without a summary

	mu      sync.Mutex // a leaf, except for the one of events; guards what follows
	tally   event.Tally
	tallied uint64 // how many lost events the tally knows of
}

// New returns a queue for a run that began at start. Events for which keep is false are
// counted in the summary and not written; a nil keep keeps all. keep is called by every
// goroutine that records.
func New(start time.Time, keep func(event.Event) bool) *Queue {
	return newQueue(start, keep, Bound)
}

func newQueue(start time.Time, keep func(event.Event) bool, bound int) *Queue {
	q := &Queue{start: start, hub: event.Hub{Site: Output}}
	q.events = q.hub.Subscribe(keep, bound)
	return q
}

// Record takes an event; it is an event.Recorder. It never blocks on the output, and is
// safe for use by several goroutines.
func (q *Queue) Record(e event.Event) {
	q.mu.Lock()
	q.tally.Count(e)
	q.mu.Unlock()
	q.hub.Record(e)
}

// Close says that nothing more will be recorded. Run writes what waits and the summary,
// then returns. Closing twice does nothing.
func (q *Queue) Close() { q.hub.Close() }

// Discard ends a run that failed to start: Run drops what waits and returns without a
// summary.
func (q *Queue) Discard() {
	q.silent.Store(true)
	q.events.Close()
}

// Waiting returns how many events wait to be written.
func (q *Queue) Waiting() int { return q.events.Waiting() }

// Written returns how many bytes the output has taken. If it stands still while events
// wait, the reader of the output has stopped reading.
func (q *Queue) Written() uint64 { return q.written.Load() }

func (q *Queue) summary(now time.Time) event.Summary {
	q.mu.Lock()
	defer q.mu.Unlock()
	if lost := q.events.Lost(); lost > q.tallied {
		q.tally.Count(event.Loss{Where: Output, Count: lost - q.tallied})
		q.tallied = lost
	}
	return q.tally.Summary(q.start, now)
}
