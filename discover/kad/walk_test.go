// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/enr"
)

func walker(i int) (c Contact) {
	binary.BigEndian.PutUint32(c.ID[:], uint32(i+1))
	return c
}

func TestWalkGivesOnceInAWhile(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	w := NewWalk(now)
	if _, ok := w.Take(now); ok || !w.WantLookup(now) || w.WantLookup(now) {
		t.Fatal("an empty walk wants one lookup")
	}
	for range 2 {
		w.OnFound(now, walker(1))
		w.OnFound(now, walker(2))
	}
	w.OnLookup(now)
	for i := 1; i <= 2; i++ {
		if c, ok := w.Take(now); !ok || c.ID != walker(i).ID {
			t.Errorf("%d: %v %v", i, c.ID.Short(), ok)
		}
	}
	w.OnFound(now.Add(walkAgain-1), walker(1))
	if c, ok := w.Take(now); ok {
		t.Errorf("%v was given a moment ago", c.ID.Short())
	}
	w.OnFound(now.Add(walkAgain), walker(1))
	if _, ok := w.Take(now.Add(walkAgain)); !ok {
		t.Error("a node is not given again")
	}
}

func TestWalkLooksLessOftenInVain(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	w := NewWalk(now)
	for _, want := range []time.Duration{1, 2, 2} {
		if !w.WantLookup(now) {
			t.Fatal("no lookup")
		}
		w.OnLookup(now)
		at := w.Deadline()
		if wait := at.Sub(now); wait != want*time.Second {
			t.Fatalf("waits %v, want %v s", wait, want)
		}
		if w.WantLookup(at.Add(-1)) {
			t.Fatal("too early")
		}
		now = at
	}
	w.WantLookup(now)
	w.OnFound(now, walker(1))
	w.OnLookup(now)
	w.Take(now)
	if !w.WantLookup(now) {
		t.Error("waits after it found somebody")
	}
}

func TestWalkIsBounded(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	w := NewWalk(now)
	for i := range 2 * walkQueue {
		w.OnFound(now, walker(i))
	}
	if len(w.queue) != walkQueue || len(w.queued) != walkQueue {
		t.Errorf("%d queued", len(w.queue))
	}
	if lost := w.TakeLost(); lost != walkQueue || w.TakeLost() != 0 {
		t.Errorf("%d lost", lost)
	}
	seen := map[enr.ID]bool{}
	for i := range 3 * walkGiven {
		w.OnFound(now, walker(i))
		if c, ok := w.Take(now); ok {
			if seen[c.ID] && i < walkGiven {
				t.Fatalf("%v twice", c.ID.Short())
			}
			seen[c.ID] = true
		}
	}
	if w.given.Len() != walkGiven {
		t.Errorf("%d remembered", w.given.Len())
	}
}
