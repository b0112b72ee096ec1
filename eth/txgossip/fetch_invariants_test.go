// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"fmt"
	"slices"
)

// checkInvariants says what must hold of the machine after every event.
func (f *fetch) checkInvariants() error {
	seen := 0
	for _, l := range []*taskList{&f.waiting, &f.queued, &f.asked} {
		n := 0
		for t := l.head; t != nil; t = t.next {
			n++
			if err := f.checkTask(t, l); err != nil {
				return fmt.Errorf("transaction %v: %w", t.hash, err)
			}
		}
		if n != l.n {
			return fmt.Errorf("a stage holds %d, counts %d", n, l.n)
		}
		seen += n
	}
	if seen != len(f.tasks) || seen > f.limit {
		return fmt.Errorf("%d transactions in stages, %d tracked, limit %d", seen, len(f.tasks), f.limit)
	}
	for id, s := range f.peers {
		if err := f.checkSource(id, s); err != nil {
			return fmt.Errorf("peer %d: %w", id, err)
		}
	}
	if len(f.woken)+len(f.faulty)+len(f.out) != 0 {
		return fmt.Errorf("%d peers woken, %d faulty and %d actions left after an event", len(f.woken), len(f.faulty), len(f.out))
	}
	return nil
}

func (f *fetch) checkTask(t *task, l *taskList) error {
	switch {
	case f.tasks[t.hash] != t || t.list != l:
		return fmt.Errorf("tracked in the wrong place")
	case len(t.claims) == 0:
		return fmt.Errorf("nobody announced it")
	case l == &f.waiting && t.next != nil && t.next.since.Before(t.since):
		return fmt.Errorf("waits out of order")
	case (t.by != nil) != (l == &f.asked):
		return fmt.Errorf("asked of %v in the wrong stage", t.by)
	case t.by != nil && (t.by.request == nil || t.by.request.expired || !slices.Contains(t.by.request.hashes, t.hash)):
		return fmt.Errorf("no request of peer %d is for it", t.by.id)
	case t.by != nil && t.claimOf(t.by) == nil:
		return fmt.Errorf("asked of peer %d, which did not announce it", t.by.id)
	}
	for i, c := range t.claims {
		switch {
		case c.task != t || c.by.gone || f.peers[c.by.id] != c.by:
			return fmt.Errorf("claim %d is of another transaction, or its peer is gone", i)
		case t.claimOf(c.by) != c:
			return fmt.Errorf("peer %d announced it twice", c.by.id)
		case l == &f.queued && c.by.request == nil:
			return fmt.Errorf("queued although peer %d is idle", c.by.id)
		}
	}
	return nil
}

func (f *fetch) checkSource(id peerID, s *source) error {
	n := 0
	var last *claim
	for c := s.first; c != nil; c = c.next {
		if c.prev != last || c.by != s || f.tasks[c.task.hash] != c.task || !slices.Contains(c.task.claims, c) {
			return fmt.Errorf("claim %d is not linked as it should be", n)
		}
		n, last = n+1, c
	}
	switch {
	case s.id != id || s.gone || s.woken:
		return fmt.Errorf("is %d, gone %t, woken %t", s.id, s.gone, s.woken)
	case n != s.claims || last != s.last || n > maxClaims:
		return fmt.Errorf("has %d claims, counts %d", n, s.claims)
	case s.request != nil && (len(s.request.hashes) == 0 || len(s.request.hashes) > maxAskHashes):
		return fmt.Errorf("was asked for %d", len(s.request.hashes))
	}
	return nil
}
