// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/types"
)

// A task is one transaction that was announced and has not arrived.
type task struct {
	hash   types.Hash
	since  time.Time // when it was first announced
	claims []*claim  // who announced it, in that order; never empty
	by     *source   // who is being asked; nil unless asked

	list       *taskList // the stage it is in
	prev, next *task
}

// A claim is one peer's announcement of one transaction.
type claim struct {
	task  *task
	by    *source
	typed bool
	kind  uint8
	size  uint64

	prev, next *claim // of the same peer, in the order announced
}

// A source is a peer that announces.
type source struct {
	id          peerID
	first, last *claim
	claims      int
	request     *request  // in flight; once expired, until the peer is no longer mute
	muteUntil   time.Time // if it is mute
	silences    int       // timeouts since its last answer
	woken       bool
	faulty      bool
	gone        bool
}

// isMute reports whether the peer has left a request unanswered.
func (s *source) isMute() bool { return s.request != nil && s.request.expired }

// A request is what one peer was asked for.
type request struct {
	hashes  []types.Hash
	expired bool
}

// match compares a reply with its request. Transactions before the cutoff that are
// missing are not there; later ones may have been left out for the size of the reply. An
// empty reply says that none is there.
func (r *request) match(bodies []body) (cutoff int, err error) {
	if len(bodies) == 0 {
		return len(r.hashes), nil
	}
	place := make(map[types.Hash]int, len(r.hashes))
	for i, h := range r.hashes {
		place[h] = i + 1
	}
	for i := range bodies {
		at, asked := place[bodies[i].hash]
		switch {
		case !asked:
			return cutoff, errUnasked
		case at == 0:
			return cutoff, errTwice
		}
		place[bodies[i].hash] = 0
		cutoff = max(cutoff, at-1)
	}
	return cutoff, nil
}

// wake notes that there may be something to ask the peer for.
func (f *fetch) wake(s *source) {
	if !s.woken {
		s.woken = true
		f.woken = append(f.woken, s)
	}
}

// enqueue makes a transaction ready to be asked for.
func (f *fetch) enqueue(t *task) {
	t.by = nil
	f.queued.push(t)
	for _, c := range t.claims {
		f.wake(c.by)
	}
}

// schedule drops the peers that broke a rule, asks every idle peer that may have
// something, and returns the actions of this event. Who comes first is left to chance, so
// that nobody can arrange to be first.
func (f *fetch) schedule() []action {
	for _, s := range f.faulty {
		f.drop(s)
	}
	f.faulty = nil
	f.shuffle(len(f.woken), func(i, j int) { f.woken[i], f.woken[j] = f.woken[j], f.woken[i] })
	for _, s := range f.woken {
		s.woken = false
		if s.gone || s.request != nil {
			continue
		}
		if hashes := f.pick(s); len(hashes) > 0 {
			s.request = &request{hashes: hashes}
			f.out = append(f.out, action{peer: s.id, ask: slices.Clone(hashes)})
		}
	}
	clear(f.woken)
	f.woken = f.woken[:0]
	out := f.out
	f.out = nil
	return out
}

// pick takes queued transactions that the peer announced, the first announced first.
func (f *fetch) pick(s *source) []types.Hash {
	var hashes []types.Hash
	var bytes uint64
	for c := s.first; c != nil && len(hashes) < maxAskHashes && bytes < maxAskBytes; c = c.next {
		if t := c.task; t.list == &f.queued {
			t.by = s
			f.asked.push(t)
			hashes = append(hashes, t.hash)
			bytes += min(c.size, maxAskBytes)
		}
	}
	return hashes
}

// forget ends the tracking of a transaction. A request for it may be in flight; nothing
// waits for that any more.
func (f *fetch) forget(t *task) {
	for _, c := range t.claims {
		c.by.unlink(c)
	}
	t.claims, t.by = nil, nil
	t.list.remove(t)
	delete(f.tasks, t.hash)
}

// drop forgets a peer. What it was being asked for goes to others.
func (f *fetch) drop(s *source) {
	delete(f.peers, s.id)
	s.gone = true
	for c := s.first; c != nil; c = s.first {
		f.retract(c)
	}
}

// retract removes one peer's claim. If it was being asked, the transaction is queued for
// the others; without any it is forgotten.
func (f *fetch) retract(c *claim) {
	t := c.task
	t.claims = slices.DeleteFunc(t.claims, func(o *claim) bool { return o == c })
	c.by.unlink(c)
	switch {
	case len(t.claims) == 0:
		f.forget(t)
	case t.by == c.by:
		f.enqueue(t)
	}
}

// claimOf returns the peer's claim, or nil.
func (t *task) claimOf(s *source) *claim {
	for _, c := range t.claims {
		if c.by == s {
			return c
		}
	}
	return nil
}

func (s *source) claim(t *task, it item) *claim {
	c := &claim{task: t, by: s, typed: it.typed, kind: it.kind, size: it.size, prev: s.last}
	if s.last == nil {
		s.first = c
	} else {
		s.last.next = c
	}
	s.last = c
	s.claims++
	return c
}

func (s *source) unlink(c *claim) {
	if c.prev == nil {
		s.first = c.next
	} else {
		c.prev.next = c.next
	}
	if c.next == nil {
		s.last = c.prev
	} else {
		c.next.prev = c.prev
	}
	c.prev, c.next = nil, nil
	s.claims--
}

// A taskList holds the tasks of one stage, in the order in which they entered it.
type taskList struct {
	head, tail *task
	n          int
}

// push moves t to the end of the list, from whichever it is in.
func (l *taskList) push(t *task) {
	if t.list != nil {
		t.list.remove(t)
	}
	t.list, t.prev = l, l.tail
	if l.tail == nil {
		l.head = t
	} else {
		l.tail.next = t
	}
	l.tail = t
	l.n++
}

func (l *taskList) remove(t *task) {
	if t.prev == nil {
		l.head = t.next
	} else {
		t.prev.next = t.next
	}
	if t.next == nil {
		l.tail = t.prev
	} else {
		t.next.prev = t.prev
	}
	t.list, t.prev, t.next = nil, nil, nil
	l.n--
}
