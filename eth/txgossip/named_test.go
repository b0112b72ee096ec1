// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/types"
)

func (s *named) check(t *testing.T) {
	t.Helper()
	sum := 0
	of := func(a *names) {
		n := 0
		var before *name
		for x := a.first; x != nil; before, x = x, x.next {
			if x.of != a || x.prev != before || s.all[x.hash] != x || before != nil && x.since.Before(before.since) && a != &s.gone {
				t.Fatalf("the list is broken at %v", x.hash)
			}
			n++
		}
		if n != a.n || before != a.last || n > 4096 {
			t.Fatalf("%d names, counted %d", n, a.n)
		}
		sum += n
	}
	of(&s.gone)
	for _, a := range s.peers {
		of(a)
	}
	if sum != len(s.all) || sum > 65_536 {
		t.Fatalf("%d names in lists, %d in all", sum, len(s.all))
	}
}

func hashOf(n int) (h types.Hash) {
	binary.BigEndian.PutUint64(h[:], uint64(n))
	return h
}

func TestNamesOfAPeerAreBounded(t *testing.T) {
	s, l, other := newNamed(), new(listener), new(listener)
	now := time.Unix(1000, 0)
	s.join(l)
	s.join(other)
	for i := range 4096 {
		if !s.add(now.Add(time.Duration(i)), l, hashOf(i)) {
			t.Fatalf("name %d was refused", i)
		}
	}
	next, later := 4096, now.Add(4096)
	if s.add(now.Add(5*time.Minute-1), l, hashOf(next)) {
		t.Error("a peer has more names than its share")
	}
	if !s.add(now, other, hashOf(next)) || !s.has(hashOf(next)) || s.has(hashOf(next+1)) {
		t.Error("another peer has no room")
	}
	s.check(t)
	if !s.remove(hashOf(5)) || s.remove(hashOf(5)) || !s.add(later, l, hashOf(next+1)) || s.add(later, l, hashOf(next+2)) {
		t.Error("a transaction that arrives makes room once")
	}
	if !s.add(now.Add(5*time.Minute), l, hashOf(next+2)) || s.has(hashOf(0)) || !s.has(hashOf(1)) {
		t.Error("a name that is old makes room")
	}
	s.check(t)
	s.leave(l)
	s.leave(l)
	if !s.has(hashOf(1)) || s.add(now, l, hashOf(next+3)) {
		t.Error("a peer that left is forgotten, or has room")
	}
	s.check(t)
}

// Sixteen peers fill the table; one more has room up to its share, at the cost of the peer with most.
func TestNamesHaveShares(t *testing.T) {
	s := newNamed()
	now := time.Unix(1000, 0)
	quiet := new(listener)
	s.join(quiet)
	for i := range 10 {
		s.add(now, quiet, hashOf(1<<40+i))
	}
	n := 0
	for range 65_536 / 4096 {
		l := new(listener)
		s.join(l)
		for range 4096 {
			s.add(now, l, hashOf(n))
			n++
		}
	}
	if len(s.all) != 65_536 {
		t.Fatalf("%d names", len(s.all))
	}
	late := new(listener)
	s.join(late)
	got := 0
	for i := range 4096 {
		if s.add(now, late, hashOf(1<<41+i)) {
			got++
		}
	}
	if share := 65_536 / (65_536/4096 + 2); got != share {
		t.Errorf("a newcomer has %d names; its share is %d", got, share)
	}
	for i := range 10 {
		if !s.has(hashOf(1<<40 + i)) {
			t.Error("a quiet peer lost a name")
		}
	}
	s.check(t)
	for l := range s.peers { // of those that left, one share is remembered
		if l != quiet && l != late {
			s.leave(l)
		}
	}
	s.check(t)
	if s.gone.n != 4096 {
		t.Errorf("%d names of peers that left", s.gone.n)
	}
}

func TestNamesInAnyOrder(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	s, now := newNamed(), time.Unix(1000, 0)
	all := []*listener{new(listener), new(listener), new(listener)}
	for range 3000 {
		now = now.Add(time.Duration(rnd.IntN(1000)) * time.Millisecond)
		l, h := all[rnd.IntN(len(all))], hashOf(rnd.IntN(60))
		switch rnd.IntN(20) {
		case 0:
			s.leave(l)
		case 1, 2:
			if s.peers[l] == nil {
				s.join(l)
			}
		case 3, 4, 5:
			s.remove(h)
		default:
			if !s.has(h) {
				s.add(now, l, h)
			}
		}
		s.check(t)
	}
}
