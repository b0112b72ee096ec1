// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/event"
)

// EventBuffer is how many events [Node.Events] holds for a reader that is behind: some
// seconds of a busy main network.
const EventBuffer = 8192

// lostEvents is the place that the losses of a feed name.
const lostEvents = "events"

// A feed is the events of a node as a channel. It never blocks who records: what finds the
// buffer full is dropped and counted, and the count is told, in its place among the
// events, as soon as there is room for two.
type feed struct {
	limit int

	mu     sync.Mutex       // guards what follows, and sending
	ch     chan event.Event // has room for limit events and one last loss
	lost   uint64
	since  time.Time // of the first event that was lost
	closed bool
}

func newFeed(limit int) *feed { return &feed{ch: make(chan event.Event, limit+1), limit: limit} }

// record is an event.Recorder.
func (f *feed) record(e event.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.closed:
	case f.lost > 0 && !f.tellLoss(), len(f.ch) >= f.limit:
		f.lose(e.When())
	default:
		f.ch <- e // there is room, and nobody else sends
	}
}

// tellLoss puts the loss where the lost events would have been. It leaves room for the
// event that comes next, so that a loss is not told for each event.
func (f *feed) tellLoss() bool {
	if f.limit-len(f.ch) < 2 {
		return false
	}
	f.ch <- event.Loss{At: event.At{Time: f.since}, Where: lostEvents, Count: f.lost}
	f.lost = 0
	return true
}

func (f *feed) lose(at time.Time) {
	if f.lost == 0 {
		f.since = at
	}
	f.lost++
}

// close ends the channel, after what it holds and a loss that was not told yet.
func (f *feed) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lost > 0 {
		f.ch <- event.Loss{At: event.At{Time: f.since}, Where: lostEvents, Count: f.lost}
	}
	f.closed = true
	close(f.ch)
}
