// SPDX-License-Identifier: Apache-2.0

package fetch

import (
	"slices"
	"time"
)

// A key is one announced key that has not arrived.
type key[K, P comparable, N any] struct {
	id     K
	since  time.Time         // of its first offer
	offers []*offer[K, P, N] // in the order offered; never empty
	by     *peer[K, P, N]    // which is being asked; nil unless the key is in asked

	stage link[K, P, N] // in waiting, queued or asked
	age   link[K, P, N] // in ages
}

// An offer is one peer's announcement of one key.
type offer[K, P comparable, N any] struct {
	key  *key[K, P, N]
	by   *peer[K, P, N]
	size int
	note N

	prev, next *offer[K, P, N] // of the same peer, in the order offered
}

// A peer is one that offers.
type peer[K, P comparable, N any] struct {
	id          P
	order       uint64 // in which peers joined
	first, last *offer[K, P, N]
	offers      int
	request     []K       // in flight; nil = none
	coolUntil   time.Time // zero = it is not in a cooldown
	failures    int       // since its last answer
	woken       bool
	gone        bool
}

func (s *peer[K, P, N]) cools() bool { return !s.coolUntil.IsZero() }

// offerOf returns the peer's offer of the key, or nil.
func (e *key[K, P, N]) offerOf(s *peer[K, P, N]) *offer[K, P, N] {
	for _, o := range e.offers {
		if o.by == s {
			return o
		}
	}
	return nil
}

func (s *peer[K, P, N]) add(e *key[K, P, N], size int, note N) *offer[K, P, N] {
	o := &offer[K, P, N]{key: e, by: s, size: size, note: note, prev: s.last}
	if s.last == nil {
		s.first = o
	} else {
		s.last.next = o
	}
	s.last = o
	s.offers++
	return o
}

func (s *peer[K, P, N]) unlink(o *offer[K, P, N]) {
	if o.prev == nil {
		s.first = o.next
	} else {
		o.prev.next = o.next
	}
	if o.next == nil {
		s.last = o.prev
	} else {
		o.next.prev = o.prev
	}
	o.prev, o.next = nil, nil
	s.offers--
}

// forget ends the tracking of a key. If a request for it is in flight, the reply is ignored.
func (t *Table[K, P, N]) forget(e *key[K, P, N]) {
	for _, o := range e.offers {
		o.by.unlink(o)
	}
	e.offers, e.by = nil, nil
	e.stage.in.remove(&e.stage)
	t.ages.remove(&e.age)
	delete(t.keys, e.id)
}

// retract removes one peer's offer. If that peer was being asked, the key is queued for the other
// peers; without any it is forgotten.
func (t *Table[K, P, N]) retract(o *offer[K, P, N]) {
	e := o.key
	e.offers = slices.DeleteFunc(e.offers, func(other *offer[K, P, N]) bool { return other == o })
	o.by.unlink(o)
	switch {
	case len(e.offers) == 0:
		t.forget(e)
	case e.by == o.by:
		t.enqueue(e)
	}
}

// A list holds keys in the order in which they entered it.
type list[K, P comparable, N any] struct {
	head, tail *link[K, P, N]
	n          int
}

// A link is a key's place in one list.
type link[K, P comparable, N any] struct {
	key        *key[K, P, N]
	in         *list[K, P, N]
	prev, next *link[K, P, N]
}

// push moves a key to the end of the list, from the one that it is in.
func (l *list[K, P, N]) push(k *link[K, P, N]) {
	if k.in != nil {
		k.in.remove(k)
	}
	k.in, k.prev = l, l.tail
	if l.tail == nil {
		l.head = k
	} else {
		l.tail.next = k
	}
	l.tail = k
	l.n++
}

func (l *list[K, P, N]) remove(k *link[K, P, N]) {
	if k.prev == nil {
		l.head = k.next
	} else {
		k.prev.next = k.next
	}
	if k.next == nil {
		l.tail = k.prev
	} else {
		k.next.prev = k.prev
	}
	k.in, k.prev, k.next = nil, nil, nil
	l.n--
}
