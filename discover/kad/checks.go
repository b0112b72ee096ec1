// SPDX-License-Identifier: Apache-2.0

package kad

import "time"

// A check of each list starts a random time after the one before, within these bounds.
const (
	fastInterval = 3 * time.Second
	slowInterval = 9 * time.Second
)

const (
	penalty  = 3 // a failure divides the checks that were passed by this
	seedFrom = 6 // checks passed, from which on a node is worth storing
)

// A schedule is a list of entries that are checked one at a time.
type schedule struct {
	interval time.Duration
	entries  []*entry
	next     time.Time // zero if there are no entries
}

// list puts an entry on the list, and off the one where it was.
func (t *Table) list(now time.Time, e *entry, s *schedule) {
	if e.list == s {
		return
	}
	t.unlist(e)
	s.entries = append(s.entries, e)
	e.list = s
	if s.next.IsZero() {
		t.plan(now, s)
	}
}

func (t *Table) unlist(e *entry) {
	s := e.list
	if s == nil {
		return
	}
	e.list = nil
	s.entries = without(s.entries, e)
	if len(s.entries) == 0 {
		s.next = time.Time{}
	}
}

func (t *Table) plan(now time.Time, s *schedule) {
	after := 1 + t.choose(int(s.interval.Milliseconds()))
	s.next = now.Add(time.Duration(after) * time.Millisecond)
}

// check starts a check of a random entry of the list, if it is due
// (devp2p/discv5/discv5-theory.md#table-maintenance-in-practice).
func (t *Table) check(now time.Time, s *schedule) {
	if s.next.IsZero() || now.Before(s.next) {
		return
	}
	t.plan(now, s)
	first := t.choose(len(s.entries))
	for i := range s.entries {
		e := s.entries[(first+i)%len(s.entries)]
		if !e.checking {
			e.checking = true
			t.say(Check, e.Contact)
			return
		}
	}
}

// OnAlive takes the success of a check, with the contact that the action had.
func (t *Table) OnAlive(now time.Time, checked Contact) []Action {
	if _, e := t.checked(checked); e != nil {
		e.checks++
		t.list(now, e, &t.slow)
		if e.checks >= seedFrom {
			t.say(Store, e.Contact)
		}
	}
	return t.take()
}

// OnDead takes the failure of a check, with the contact that the action had.
func (t *Table) OnDead(now time.Time, checked Contact) []Action {
	if b, e := t.checked(checked); e != nil {
		e.checks /= penalty
		if e.checks == 0 {
			t.remove(now, b, e)
		} else {
			t.list(now, e, &t.fast)
		}
	}
	return t.take()
}

// checked ends the check of an entry. It returns nil if the result says nothing about it:
// the entry was removed meanwhile, or the node has moved.
func (t *Table) checked(c Contact) (*bucket, *entry) {
	b := t.bucketOf(c.ID)
	e := b.find(c.ID)
	if e == nil || !e.checking {
		return nil, nil
	}
	e.checking = false
	if addr, _ := c.Addr(); addr != e.addr {
		return nil, nil
	}
	return b, e
}
