// SPDX-License-Identifier: Apache-2.0

package event

import (
	"iter"
	"slices"
	"sync"
)

const (
	// DefaultRoom is how many events a subscription holds that asks for no other number:
	// some seconds of a busy main network.
	DefaultRoom = 8192
	// LossSite is the site that the losses of a subscription name, unless the hub has another.
	LossSite = "events"
	// ReserveShare says how much of a subscription's room is kept from the kinds of which a
	// peer can cause any number ([Tx], [Sighting], [Candidate]): one part in so many. So a
	// flood of them leaves room for heads, blocks, peers, losses and troubles.
	ReserveShare = 8
	// maxGapKinds bounds how many kinds a gap counts by name. Further kinds count together,
	// as the kind "".
	maxGapKinds = 16
)

// A Subscription holds events for one reader, in the order of recording. Its overflow
// policy: the newest event is dropped and counted, and the counts are handed out in the
// place of the dropped events, as one [Loss] at the hub's site for each kind. Transactions,
// sightings and candidates are dropped as soon as only the reserve of [ReserveShare] is
// free, the other kinds when nothing is. One goroutine at a time reads; the other methods
// are safe for use by several.
type Subscription struct {
	hub   *Hub
	keep  func(Event) bool // nil keeps all
	ready chan struct{}    // holds a token when there is something new for the reader

	mu    sync.Mutex // a leaf; guards what follows
	ring  []Event    // nil after Close
	first int        // index of the oldest
	size  int
	gap   []Loss // dropped since the last event of ring, a Loss for each kind; at most maxGapKinds
	lost  uint64 // dropped in all
	ended bool
}

// floods reports whether e is of a kind of which a peer can cause any number.
func floods(e Event) bool {
	switch e.(type) {
	case Tx, Sighting, Candidate:
		return true
	}
	return false
}

// Ready returns a channel that has a token after something new came, or the end. A reader
// that selects calls Take until it gives nothing before it waits again.
func (s *Subscription) Ready() <-chan struct{} { return s.ready }

// Take moves up to cap(dst)-len(dst) events out, the oldest first, and returns the longer
// slice. It never blocks. The subscription is at its end when Take adds nothing and open is
// false.
func (s *Subscription) Take(dst []Event) (_ []Event, open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.size > 0 && len(dst) < cap(dst) {
		dst = append(dst, s.ring[s.first])
		s.ring[s.first] = nil // keeps no event alive
		s.first = (s.first + 1) % len(s.ring)
		s.size--
	}
	if s.size == 0 {
		n := min(len(s.gap), cap(dst)-len(dst))
		for _, l := range s.gap[:n] {
			dst = append(dst, l)
		}
		s.gap = slices.Delete(s.gap, 0, n)
	}
	return dst, !s.ended
}

// Next returns the oldest event and waits for it; false says that the subscription is at
// its end or that done was closed. A nil done is never closed.
func (s *Subscription) Next(done <-chan struct{}) (Event, bool) {
	var one [1]Event
	for {
		events, open := s.Take(one[:0])
		if len(events) > 0 {
			return events[0], true
		}
		if !open {
			return nil, false
		}
		select {
		case <-s.ready:
		case <-done:
			return nil, false
		}
	}
}

// All yields events until the subscription is at its end or done is closed, as Next does.
func (s *Subscription) All(done <-chan struct{}) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		for {
			e, ok := s.Next(done)
			if !ok || !yield(e) {
				return
			}
		}
	}
}

// Waiting returns how many events wait for the reader.
func (s *Subscription) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size
}

// Lost returns how many events were dropped in all.
func (s *Subscription) Lost() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost
}

// Close ends the subscription at once: what waits is let go. What is recorded after that
// is not counted. Closing twice does nothing.
func (s *Subscription) Close() {
	s.hub.remove(s)
	s.mu.Lock()
	s.ring, s.first, s.size, s.gap = nil, 0, 0, nil
	s.mu.Unlock()
	s.end()
}

func (s *Subscription) end() {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.notify()
}

func (s *Subscription) record(e Event) {
	if s.keep != nil && !s.keep(e) {
		return
	}
	s.mu.Lock()
	s.put(e)
	s.mu.Unlock()
	s.notify()
}

// put appends e to the ring, or drops it. A gap is closed by its losses first, so that they
// stand where the dropped events would.
func (s *Subscription) put(e Event) {
	room := len(s.ring)
	if floods(e) {
		room -= room / ReserveShare
	}
	if s.ended || room-s.size < len(s.gap)+1 {
		s.drop(e)
		return
	}
	for _, l := range s.gap {
		s.push(l)
	}
	s.gap = s.gap[:0]
	s.push(e)
}

func (s *Subscription) push(e Event) {
	s.ring[(s.first+s.size)%len(s.ring)] = e
	s.size++
}

// drop counts e in the gap. A Loss bears the time of the last event that it counts.
func (s *Subscription) drop(e Event) {
	if s.ring == nil {
		return // nothing reads any more
	}
	s.lost++
	of := e.Kind()
	i := slices.IndexFunc(s.gap, func(l Loss) bool { return l.Of == of })
	if i < 0 && len(s.gap) >= maxGapKinds-1 {
		of = ""
		i = slices.IndexFunc(s.gap, func(l Loss) bool { return l.Of == of })
	}
	if i < 0 {
		i = len(s.gap)
		s.gap = append(s.gap, Loss{Where: s.hub.site(), Of: of})
	}
	s.gap[i].At = At{e.When()}
	s.gap[i].Count++
}

func (s *Subscription) notify() {
	select {
	case s.ready <- struct{}{}:
	default: // a token is there already
	}
}
