// SPDX-License-Identifier: Apache-2.0

package fetch

import (
	"fmt"
	"slices"
)

// checkInvariants says what must hold of a table after Next.
func (t *Table[K, P, N]) checkInvariants() error {
	seen := 0
	for _, l := range []*list[K, P, N]{&t.waiting, &t.queued, &t.asked} {
		n := 0
		for k := l.head; k != nil; k = k.next {
			n++
			if err := t.checkKey(k.key, l); err != nil {
				return fmt.Errorf("key %v: %w", k.key.id, err)
			}
		}
		if n != l.n {
			return fmt.Errorf("a stage holds %d, counts %d", n, l.n)
		}
		seen += n
	}
	if seen != len(t.keys) || seen > t.rules.Limit || t.ages.n != seen {
		return fmt.Errorf("%d keys in stages, %d tracked, %d with an age, limit %d", seen, len(t.keys), t.ages.n, t.rules.Limit)
	}
	for k := t.ages.head; k != nil && k.next != nil; k = k.next {
		if k.next.key.since.Before(k.key.since) {
			return fmt.Errorf("key %v is out of order", k.key.id)
		}
	}
	cooling := 0
	for id, s := range t.peers {
		if err := t.checkPeer(id, s); err != nil {
			return fmt.Errorf("peer %v: %w", id, err)
		}
		if s.cools() {
			cooling++
		}
	}
	if len(t.woken) != 0 || cooling != len(t.cooling) {
		return fmt.Errorf("%d peers are woken, %d of %d cooling", len(t.woken), cooling, len(t.cooling))
	}
	return nil
}

func (t *Table[K, P, N]) checkKey(e *key[K, P, N], l *list[K, P, N]) error {
	switch {
	case t.keys[e.id] != e || e.stage.in != l:
		return fmt.Errorf("tracked in the wrong place")
	case len(e.offers) == 0:
		return fmt.Errorf("no peer offers it")
	case (e.by != nil) != (l == &t.asked):
		return fmt.Errorf("asked of %v in the wrong stage", e.by)
	case e.by != nil && !slices.Contains(e.by.request, e.id):
		return fmt.Errorf("no request to peer %v is for it", e.by.id)
	case e.by != nil && e.offerOf(e.by) == nil:
		return fmt.Errorf("asked of peer %v, which does not offer it", e.by.id)
	}
	for i, o := range e.offers {
		switch {
		case o.key != e || o.by.gone || t.peers[o.by.id] != o.by:
			return fmt.Errorf("offer %d is of another key, or its peer is gone", i)
		case e.offerOf(o.by) != o:
			return fmt.Errorf("peer %v offers it twice", o.by.id)
		case l == &t.queued && o.by.request == nil && !o.by.cools():
			return fmt.Errorf("queued although peer %v is idle", o.by.id)
		}
	}
	return nil
}

func (t *Table[K, P, N]) checkPeer(id P, s *peer[K, P, N]) error {
	n := 0
	var last *offer[K, P, N]
	for o := s.first; o != nil; o = o.next {
		if o.prev != last || o.by != s || t.keys[o.key.id] != o.key || !slices.Contains(o.key.offers, o) {
			return fmt.Errorf("offer %d is not linked as it should be", n)
		}
		n, last = n+1, o
	}
	switch {
	case s.id != id || s.gone || s.woken:
		return fmt.Errorf("is %v, gone %t, woken %t", s.id, s.gone, s.woken)
	case n != s.offers || last != s.last || n > t.rules.PerPeer:
		return fmt.Errorf("has %d offers, counts %d", n, s.offers)
	case s.request != nil && (len(s.request) == 0 || len(s.request) > t.rules.AskKeys || s.cools()):
		return fmt.Errorf("was asked for %d, cooling %t", len(s.request), s.cools())
	case s.cools() != slices.Contains(t.cooling, s):
		return fmt.Errorf("cools %t, and is listed otherwise", s.cools())
	}
	return nil
}
