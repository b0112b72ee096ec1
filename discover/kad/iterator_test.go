// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/enr"
)

func nodeNumber(i int) (c Contact) {
	binary.BigEndian.PutUint32(c.ID[:], uint32(i+1))
	return c
}

func TestIteratorGivesOnceInAWhile(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	it := NewIterator(now)
	if _, ok := it.Take(now); ok || !it.WantLookup(now) || it.WantLookup(now) {
		t.Fatal("an iterator without nodes wants one lookup")
	}
	for range 2 {
		it.OnFound(now, nodeNumber(1))
		it.OnFound(now, nodeNumber(2))
	}
	it.OnLookup(now)
	for i := 1; i <= 2; i++ {
		if c, ok := it.Take(now); !ok || c.ID != nodeNumber(i).ID {
			t.Errorf("%d: %v %v", i, c.ID.Short(), ok)
		}
	}
	it.OnFound(now.Add(iteratorAgain-1), nodeNumber(1))
	if c, ok := it.Take(now); ok {
		t.Errorf("%v was given a moment ago", c.ID.Short())
	}
	it.OnFound(now.Add(iteratorAgain), nodeNumber(1))
	if _, ok := it.Take(now.Add(iteratorAgain)); !ok {
		t.Error("a node is not given again")
	}
}

func TestIteratorLooksLessOftenInVain(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	it := NewIterator(now)
	for _, want := range []time.Duration{1, 2, 2} {
		if !it.WantLookup(now) {
			t.Fatal("no lookup")
		}
		it.OnLookup(now)
		at := it.Deadline()
		if wait := at.Sub(now); wait != want*time.Second {
			t.Fatalf("waits %v, want %v s", wait, want)
		}
		if it.WantLookup(at.Add(-1)) {
			t.Fatal("too early")
		}
		now = at
	}
	it.WantLookup(now)
	it.OnFound(now, nodeNumber(1))
	it.OnLookup(now)
	it.Take(now)
	if !it.WantLookup(now) {
		t.Error("waits after it found somebody")
	}
}

func TestIteratorIsBounded(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	it := NewIterator(now)
	for i := range 2 * 256 {
		it.OnFound(now, nodeNumber(i))
	}
	if len(it.queue) != 256 || len(it.queued) != 256 {
		t.Errorf("%d queued", len(it.queue))
	}
	if lost := it.TakeLost(); lost != 256 || it.TakeLost() != 0 {
		t.Errorf("%d lost", lost)
	}
	seen := map[enr.ID]bool{}
	for i := range 3 * 4096 {
		it.OnFound(now, nodeNumber(i))
		if c, ok := it.Take(now); ok {
			if seen[c.ID] && i < 4096 {
				t.Fatalf("%v twice", c.ID.Short())
			}
			seen[c.ID] = true
		}
	}
	if it.given.Len() != 4096 {
		t.Errorf("%d remembered", it.given.Len())
	}
}

// The deadline is when WantLookup turns true, at once for a new iterator; nothing waits while a lookup
// runs and while nodes are queued.
func TestIteratorDeadline(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	it := NewIterator(now)
	want := func(when string, at time.Time) {
		t.Helper()
		if got := it.Deadline(); !got.Equal(at) {
			t.Errorf("%s: deadline %v, want %v", when, got, at)
		}
		if !at.IsZero() && at.After(now) && it.WantLookup(at.Add(-1)) {
			t.Errorf("%s: a lookup before the deadline", when)
		}
	}
	want("new", now)
	it.WantLookup(now)
	want("a lookup runs", time.Time{})
	it.OnFound(now, nodeNumber(1))
	it.OnLookup(now)
	want("a node is queued", time.Time{})
	if it.WantLookup(now.Add(time.Hour)) {
		t.Error("a lookup while a node is queued")
	}
	it.Take(now)
	want("the queue is empty after a lookup that found a node", now)
	it.WantLookup(now)
	it.OnLookup(now)
	want("after a lookup in vain", now.Add(iteratorPause))
}
