// SPDX-License-Identifier: Apache-2.0

// in: nodes that were found, time · out: the next node, when to start a lookup · owner: the caller

package kad

import (
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/bounded"
)

const (
	iteratorQueue  = 256              // nodes found and not returned yet; a node that finds the queue full is dropped
	iteratorGiven  = 4096             // nodes remembered as given; the oldest makes room
	iteratorAgain  = 30 * time.Second // after which a node may be given again
	iteratorPause  = time.Second      // between lookups, after one that found no new node; doubles
	iteratorPauses = 2 * time.Second  // up to this
)

// An Iterator returns nodes one at a time, as lookups of random targets find them. It asks
// for a lookup when its queue is empty (devp2p/discv5/discv5-theory.md#lookup).
type Iterator struct {
	given  *bounded.Map[enr.ID, time.Time]
	queue  []Contact
	queued map[enr.ID]struct{}
	lost   uint64 // nodes that found the queue full

	looking bool
	fresh   bool // the lookup that runs has found a node
	pause   time.Duration
	next    time.Time // no lookup before
}

// NewIterator returns an iterator that has found no node yet. Its first lookup is due at once.
func NewIterator(now time.Time) *Iterator {
	return &Iterator{
		next:   now,
		given:  bounded.NewMap[enr.ID, time.Time](iteratorGiven, bounded.DropOldest),
		queued: make(map[enr.ID]struct{}),
	}
}

// OnFound takes a node that answered or was relayed.
func (it *Iterator) OnFound(now time.Time, c Contact) {
	if at, ok := it.given.Get(c.ID); ok && now.Sub(at) < iteratorAgain {
		return
	}
	if _, ok := it.queued[c.ID]; ok {
		return
	}
	if len(it.queue) == iteratorQueue {
		it.lost++
		return
	}
	it.queue = append(it.queue, c)
	it.queued[c.ID] = struct{}{}
	it.fresh = true
}

// Take returns a node to give, the one that was found first.
func (it *Iterator) Take(now time.Time) (c Contact, ok bool) {
	if len(it.queue) == 0 {
		return c, false
	}
	c = it.queue[0]
	if it.queue = it.queue[1:]; len(it.queue) == 0 {
		it.queue = nil // the memory of the nodes that were taken is free
	}
	delete(it.queued, c.ID)
	it.given.Delete(c.ID) // to put it last
	it.given.Put(c.ID, now)
	return c, true
}

// TakeLost returns how many nodes were dropped since it was called last: too many waited to be
// given.
func (it *Iterator) TakeLost() uint64 {
	lost := it.lost
	it.lost = 0
	return lost
}

// WantLookup reports whether the caller must begin a lookup now. OnLookup ends it.
func (it *Iterator) WantLookup(now time.Time) bool {
	if it.looking || len(it.queue) > 0 || now.Before(it.next) {
		return false
	}
	it.looking, it.fresh = true, false
	return true
}

// OnLookup ends a lookup.
func (it *Iterator) OnLookup(now time.Time) {
	it.looking = false
	if it.fresh {
		it.pause = 0
	} else {
		it.pause = min(max(2*it.pause, iteratorPause), iteratorPauses)
	}
	it.next = now.Add(it.pause)
}

// Deadline returns when WantLookup turns true. It is the zero time while nodes are queued and
// while a lookup runs.
func (it *Iterator) Deadline() time.Time {
	if it.looking || len(it.queue) > 0 {
		return time.Time{}
	}
	return it.next
}
