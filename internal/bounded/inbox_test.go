// SPDX-License-Identifier: Apache-2.0

package bounded

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

func take(t *testing.T, b *Inbox[string], want ...string) {
	t.Helper()
	var got []string
	for range want {
		if m, ok := b.Take(); ok {
			got = append(got, m)
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("took %q, want %q", got, want)
	}
}

func TestInboxTakesTurns(t *testing.T) {
	b := NewInbox[string]()
	x, y := b.Open(nil), b.Open(nil)
	for _, m := range []string{"x1", "x2", "x3"} {
		x.Put(nil, 1, m)
	}
	take(t, b, "x1")
	y.Put(nil, 1, "y1")
	y.Post(0, "y2")
	take(t, b, "x2", "y1", "x3", "y2")
	if m, ok := b.Take(); ok {
		t.Errorf("took %q from an empty inbox", m)
	}
}

func TestInboxFullSlotDelaysItsSenderOnly(t *testing.T) {
	tests := []struct {
		name  string
		fill  func(*Slot[string])
		taken int // messages to take until there is room
		size  int // of the one that waits
	}{
		{"bytes", func(s *Slot[string]) { s.Put(nil, SlotBytes-10, "a"); s.Put(nil, 10, "b") }, 1, 1},
		{"messages", func(s *Slot[string]) {
			for range SlotMessages {
				s.Put(nil, 1, "a")
			}
		}, 1, 1},
		{"larger than the slot", func(s *Slot[string]) { s.Put(nil, 10*SlotBytes, "a") }, 1, 1},
		{"large one waits for an empty slot", func(s *Slot[string]) { s.Put(nil, 1, "a"); s.Put(nil, 1, "b") }, 2, SlotBytes},
		{"posts count", func(s *Slot[string]) {
			for range SlotMessages + 1 {
				s.Post(0, "a")
			}
		}, 2, 1},
	}
	for _, test := range tests {
		bubble.Test(t, func(t *testing.T) {
			b := NewInbox[string]()
			full, other := b.Open(nil), b.Open(nil)
			test.fill(full)
			put := false
			var wg sync.WaitGroup
			wg.Go(func() {
				full.Put(nil, test.size, "late")
				put = true
			})
			for range test.taken {
				synctest.Wait()
				if put {
					t.Errorf("%s: put into a full slot", test.name)
				}
				b.Take()
			}
			wg.Wait()
			if !other.Put(nil, 1, "other") {
				t.Errorf("%s: another slot is full, too", test.name)
			}
		})
	}
}

func TestInboxWaitEndsWithDone(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := NewInbox[string]()
		s := b.Open(nil)
		s.Put(nil, SlotBytes, "a")
		done := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			if s.Put(done, 1, "b") {
				t.Error("put into a full slot")
			}
		})
		synctest.Wait()
		close(done)
		wg.Wait()
		take(t, b, "a")
	})
}

// Every message arrives once, in its sender's order, however senders and receiver run.
func TestInboxManySenders(t *testing.T) {
	const senders, each = 8, 2000
	b := NewInbox[[2]int]()
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			s := b.Open(nil)
			for n := range each {
				s.Put(nil, 1000, [2]int{i, n})
			}
		})
	}
	var next [senders]int
	for left := senders * each; left > 0; {
		<-b.Ready()
		for m, ok := b.Take(); ok; m, ok = b.Take() {
			if m[1] != next[m[0]] {
				t.Fatalf("sender %d: got %d, want %d", m[0], m[1], next[m[0]])
			}
			next[m[0]]++
			left--
		}
	}
	wg.Wait()
}
