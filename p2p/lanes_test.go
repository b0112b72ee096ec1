// SPDX-License-Identifier: Apache-2.0

package p2p

import "testing"

func fill(n int, size int) *queue {
	q := make(queue, n)
	for i := range q {
		q[i].Raw = make([]byte, size)
	}
	return &q
}

// endless always has a message.
type endless struct{ size int }

func (e endless) Next(out *Out, _ int) bool {
	out.Raw = append(out.Raw, make([]byte, e.size)...)
	return true
}

func TestLanesAreStrict(t *testing.T) {
	var s schedule
	for p := range Priorities {
		s.add(Priority(p), lane{source: fill(2, 100), offset: uint64(p), length: 1})
	}
	var out Out
	for i := range 2 * Priorities {
		p, ok := s.next(&out, 1000)
		if !ok || int(p) != i/2 || out.Code != uint64(p) {
			t.Fatalf("message %d came from priority %d (%v), code %d", i, p, ok, out.Code)
		}
		s.sent(p, len(out.Raw))
	}
	if _, ok := s.next(&out, 1000); ok {
		t.Fatal("there is nothing left")
	}
}

func TestNoLaneStarves(t *testing.T) {
	var s schedule
	s.add(0, lane{source: endless{64 << 10}, length: 1})
	s.add(2, lane{source: endless{10}, length: 1})
	s.add(4, lane{source: endless{10}, length: 1})
	var out Out
	var got [Priorities]int
	for range 10 * 17 {
		p, _ := s.next(&out, 1000)
		s.sent(p, len(out.Raw))
		got[p]++
	}
	if got[2] < 9 || got[4] < 9 || got[2] > 11 || got[4] > 11 {
		t.Errorf("10 MiB of priority 0 let through %v", got)
	}
}

func TestLanesOfOnePriorityTakeTurns(t *testing.T) {
	var s schedule
	for i := range 3 {
		s.add(1, lane{source: endless{1}, offset: uint64(i), length: 1})
	}
	var out Out
	for i := range 9 {
		if s.next(&out, 1); out.Code != uint64(i%3) {
			t.Fatalf("message %d came from lane %d", i, out.Code)
		}
	}
}
