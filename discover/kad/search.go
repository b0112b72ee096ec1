// SPDX-License-Identifier: Apache-2.0

// in: targets, answers · out: questions, through Ask; what the table wants, through Do ·
// owner: the caller

package kad

import (
	"time"

	"github.com/ethpeer/ethpeer/enr"
)

const (
	maxSearches = 8
	maxWaiting  = 64 // searches that wait for one of them to end
)

// A Target is what a lookup looks for: an ID and, for discovery v4, 64 bytes of which the ID
// is the Keccak-256.
type Target struct {
	ID  enr.ID
	Key [64]byte
}

// A Search runs lookups, several at a time, and keeps a table informed of what they find.
type Search struct {
	Self  enr.ID
	Table *Table

	// Ask asks a node for nodes near the target. Done is called once, now or later.
	Ask func(now time.Time, c Contact, target Target, done func(now time.Time, found []Contact, err error))

	Do    func(now time.Time, actions []Action) // carries out what the table wants
	Found func(now time.Time, c Contact)        // hears of each node that answered or is believed in

	running int
	waiting []*search
}

// search is one lookup.
type search struct {
	Query
	lookup *Lookup
	ended  bool
}

// A Query is what Begin is to look for.
type Query struct {
	Target Target

	// Needed is asked before each question: false ends the lookup. Nil: it goes
	// on.
	Needed func() bool

	// Done gets the nodes nearest to the target that answered.
	Done func(now time.Time, nearest []Contact)
}

// Begin begins a lookup, or puts it off. If there is no room for it, it reports false, and
// Done is not called.
func (s *Search) Begin(now time.Time, q Query) bool {
	switch one := (&search{Query: q}); {
	case s.running < maxSearches:
		s.begin(now, one)
	case len(s.waiting) < maxWaiting:
		s.waiting = append(s.waiting, one)
	default:
		return false
	}
	return true
}

func (s *Search) begin(now time.Time, one *search) {
	s.running++
	var ask []Contact
	one.lookup, ask = NewLookup(s.Self, one.Target.ID, s.Table.Closest(one.Target.ID))
	s.proceed(now, one, ask)
}

// proceed sends the requests of the lookup. Without any, sent or pending, the lookup ends;
// otherwise the last answer will end it, which may come while the others are asked.
func (s *Search) proceed(now time.Time, one *search, ask []Contact) {
	if one.ended {
		return
	}
	if one.Needed != nil && !one.Needed() || len(ask) == 0 && one.lookup.Done() {
		s.end(now, one)
		return
	}
	for _, c := range ask {
		s.Ask(now, c, one.Target, func(now time.Time, found []Contact, err error) {
			s.proceed(now, one, s.onAnswer(now, one, c, found, err))
		})
	}
}

func (s *Search) onAnswer(now time.Time, one *search, from Contact, found []Contact, err error) (ask []Contact) {
	good, actions := s.Table.OnNeighbors(now, from, found)
	s.Do(now, actions)
	if err != nil {
		ask = one.lookup.OnSilence(from.ID)
	} else {
		s.Found(now, from)
		ask = one.lookup.OnReply(from.ID, good)
	}
	for _, c := range good {
		s.Found(now, c)
	}
	return ask
}

func (s *Search) end(now time.Time, one *search) {
	one.ended = true
	s.running--
	one.Done(now, one.lookup.Closest())
	if s.running < maxSearches && len(s.waiting) > 0 {
		next := s.waiting[0]
		s.waiting = s.waiting[1:]
		s.begin(now, next)
	}
}

// Refresh carries out the action Refresh: it offers the nodes that are known from elsewhere, and
// looks up our own ID, own, and three random ones. Then it calls done.
func (s *Search) Refresh(now time.Time, known []enr.Node, own Target, random func() Target, done func(now time.Time)) {
	for _, n := range known {
		s.Do(now, s.Table.OnHeard(now, NewContact(n)))
	}
	left := 3
	var around func(now time.Time, near Target)
	next := func(now time.Time, _ []Contact) {
		if left > 0 {
			left--
			around(now, random())
			return
		}
		s.Do(now, s.Table.OnRefreshed(now))
		done(now)
	}
	around = func(now time.Time, near Target) {
		if !s.Begin(now, Query{Target: near, Done: next}) {
			next(now, nil) // others look around as it is
		}
	}
	around(now, own)
}
