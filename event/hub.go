// SPDX-License-Identifier: Apache-2.0

package event

import (
	"slices"
	"sync"
	"sync/atomic"
)

// A Hub hands each event to any number of subscriptions. Recording never blocks and never
// waits for a reader. The zero value is ready; its methods are safe for use by several
// goroutines.
//
// A Hub has no goroutine and reads no clock: it is a bounded buffer per subscriber between
// the goroutines that record and the one that reads.
type Hub struct {
	Site string // named by the losses of its subscriptions; empty = LossSite; set before the first use

	all atomic.Pointer[[]*Subscription] // never changed, only replaced

	mu     sync.Mutex // guards closed, and replacing all
	closed bool
}

// Record hands e to each subscription that keeps it. It is a [Recorder].
func (h *Hub) Record(e Event) {
	all := h.all.Load()
	if all == nil {
		return
	}
	for _, s := range *all {
		s.record(e)
	}
}

// Subscribe returns a subscription to the events that are recorded from now on and for
// which keep is true; a nil keep keeps all. keep is called by every goroutine that records
// and must not block. room is how many events wait for the reader at most, at 16 bytes
// each; 0 or less is [DefaultRoom]. A [ReserveShare] of it is kept from the kinds of which a
// peer can cause any number. The reader calls Close when it wants no more.
//
// A subscription to a closed hub is at its end.
func (h *Hub) Subscribe(keep func(Event) bool, room int) *Subscription {
	if room <= 0 {
		room = DefaultRoom
	}
	s := &Subscription{hub: h, keep: keep, ready: make(chan struct{}, 1), ring: make([]Event, room)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		s.ended = true
		return s
	}
	h.replace(append(h.list(), s))
	return s
}

// Close ends each subscription, after what waits in it: an event that is recorded after
// that is dropped and counted like one that finds no room. Closing twice does nothing.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, s := range h.list() {
		s.end()
	}
}

func (h *Hub) site() string {
	if h.Site != "" {
		return h.Site
	}
	return LossSite
}

func (h *Hub) remove(s *Subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.replace(slices.DeleteFunc(h.list(), func(other *Subscription) bool { return other == s }))
}

// list returns a copy: goroutines that record may read the slice that is in use.
func (h *Hub) list() []*Subscription {
	if all := h.all.Load(); all != nil {
		return slices.Clone(*all)
	}
	return nil
}

func (h *Hub) replace(all []*Subscription) { h.all.Store(&all) }
