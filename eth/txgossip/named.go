// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"time"

	"github.com/ethpeer/ethpeer/types"
)

// Bounds of the hashes that were told and whose transaction has not arrived.
const (
	maxNamed   = 1 << 16         // in all
	maxNamedBy = maxOffers       // of one peer
	nameFor    = 5 * time.Minute // then a name makes room for another of its peer
)

// named holds the hashes that were told without a body, each on the account of the peer that
// announced it first. A peer whose account is full announces in vain until a transaction arrives or a
// name is old, so a flood of made-up hashes is told only in part, and displaces none of another peer's.
// If the whole table is full, a peer with less than its share displaces the oldest of the peer with
// most.
//
// owner: the loop.
type named struct {
	all   map[types.Hash]*name
	peers map[*listener]*names
	gone  names // of peers that left; the oldest make room
}

// A name is one hash. It is in the list of its account.
type name struct {
	hash       types.Hash
	since      time.Time
	of         *names
	prev, next *name
}

// names is the account of a peer: a list, oldest first.
type names struct {
	first, last *name
	n           int
}

func newNamed() *named {
	return &named{all: make(map[types.Hash]*name), peers: make(map[*listener]*names)}
}

func (s *named) has(h types.Hash) bool { return s.all[h] != nil }

// join opens a peer's account.
func (s *named) join(l *listener) { s.peers[l] = new(names) }

// leave closes it. What the peer announced is remembered on the account of all that left.
func (s *named) leave(l *listener) {
	a := s.peers[l]
	if a == nil {
		return
	}
	delete(s.peers, l)
	for x := a.first; x != nil; x = a.first {
		a.remove(x)
		s.gone.push(x)
	}
	for s.gone.n > maxNamedBy {
		s.drop(s.gone.first)
	}
}

// add notes a hash that was not known. It reports whether there is room for it.
func (s *named) add(now time.Time, l *listener, h types.Hash) bool {
	a := s.peers[l]
	if a == nil {
		return false
	}
	for a.first != nil && now.Sub(a.first.since) >= nameFor {
		s.drop(a.first)
	}
	if a.n == maxNamedBy || len(s.all) == maxNamed && !s.makeRoom(a) {
		return false
	}
	x := &name{hash: h, since: now}
	s.all[h] = x
	a.push(x)
	return true
}

// makeRoom drops the oldest of those that left, or else of the peer with most. It fails if a has its
// share.
func (s *named) makeRoom(a *names) bool {
	most := &s.gone
	if most.n == 0 {
		if a.n >= maxNamed/len(s.peers) {
			return false
		}
		for _, other := range s.peers {
			if other.n > most.n {
				most = other
			}
		}
	}
	s.drop(most.first)
	return true
}

// remove forgets a hash and reports whether it was there.
func (s *named) remove(h types.Hash) bool {
	x := s.all[h]
	if x != nil {
		s.drop(x)
	}
	return x != nil
}

func (s *named) drop(x *name) {
	delete(s.all, x.hash)
	x.of.remove(x)
}

func (a *names) push(x *name) {
	x.of, x.prev = a, a.last
	if a.last == nil {
		a.first = x
	} else {
		a.last.next = x
	}
	a.last = x
	a.n++
}

func (a *names) remove(x *name) {
	if x.prev == nil {
		a.first = x.next
	} else {
		x.prev.next = x.next
	}
	if x.next == nil {
		a.last = x.prev
	} else {
		x.next.prev = x.prev
	}
	x.of, x.prev, x.next = nil, nil, nil
	a.n--
}
