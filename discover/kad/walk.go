// SPDX-License-Identifier: Apache-2.0

// in: nodes that were found, time · out: which to give next, when to look for more · owner:
// whoever drives the walk

package kad

import (
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/bounded"
)

const (
	walkQueue  = 256              // nodes found and not given yet; what finds it full is dropped
	walkGiven  = 4096             // nodes remembered as given; the oldest makes room
	walkAgain  = 30 * time.Second // after which a node may be given again
	walkPause  = time.Second      // between lookups, after one that found nobody new; doubles
	walkPauses = 2 * time.Second  // up to this
)

// A Walk gives one node after the other to somebody who looks for any: what lookups of
// random targets find. It asks for a lookup when it has nobody left.
type Walk struct {
	given  *bounded.Map[enr.ID, time.Time]
	queue  []Contact
	queued map[enr.ID]struct{}
	lost   uint64 // nodes that found the queue full

	looking bool
	fresh   bool // the lookup that runs has found somebody
	pause   time.Duration
	next    time.Time // no lookup before
}

// NewWalk returns a walk that has found no node yet. Its first lookup is due at once.
func NewWalk(now time.Time) *Walk {
	return &Walk{
		next:   now,
		given:  bounded.NewMap[enr.ID, time.Time](walkGiven, bounded.DropOldest),
		queued: make(map[enr.ID]struct{}),
	}
}

// OnFound takes a node that somebody told of or that answered.
func (w *Walk) OnFound(now time.Time, c Contact) {
	if at, ok := w.given.Get(c.ID); ok && now.Sub(at) < walkAgain {
		return
	}
	if _, ok := w.queued[c.ID]; ok {
		return
	}
	if len(w.queue) == walkQueue {
		w.lost++
		return
	}
	w.queue = append(w.queue, c)
	w.queued[c.ID] = struct{}{}
	w.fresh = true
}

// Take returns a node to give, the one that was found first.
func (w *Walk) Take(now time.Time) (c Contact, ok bool) {
	if len(w.queue) == 0 {
		return c, false
	}
	c = w.queue[0]
	if w.queue = w.queue[1:]; len(w.queue) == 0 {
		w.queue = nil // the slice does not crawl through memory for ever
	}
	delete(w.queued, c.ID)
	w.given.Delete(c.ID) // to put it last
	w.given.Put(c.ID, now)
	return c, true
}

// TakeLost returns how many nodes were dropped since it was called last: too many waited to be
// given.
func (w *Walk) TakeLost() uint64 {
	lost := w.lost
	w.lost = 0
	return lost
}

// WantLookup reports whether a lookup is to begin now, for somebody who waits. OnLookup ends
// it.
func (w *Walk) WantLookup(now time.Time) bool {
	if w.looking || len(w.queue) > 0 || now.Before(w.next) {
		return false
	}
	w.looking, w.fresh = true, false
	return true
}

// OnLookup ends a lookup.
func (w *Walk) OnLookup(now time.Time) {
	w.looking = false
	if w.fresh {
		w.pause = 0
	} else {
		w.pause = min(max(2*w.pause, walkPause), walkPauses)
	}
	w.next = now.Add(w.pause)
}

// Deadline returns from when on WantLookup reports true. It is the zero time while nodes are
// queued and while a lookup runs.
func (w *Walk) Deadline() time.Time {
	if w.looking || len(w.queue) > 0 {
		return time.Time{}
	}
	return w.next
}
