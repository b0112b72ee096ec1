// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"testing"

	"pgregory.net/rapid"
)

// A lane that had its turn by priority gets no turn for waiting too.
func TestATurnSettlesTheDebt(t *testing.T) {
	var s schedule
	high, low := fill(1, fairShare-1), fill(2, 1)
	s.add(0, lane{source: high, length: 1})
	s.add(1, lane{source: low, length: 1})
	var out Out
	for _, want := range []Priority{0, 1} {
		p, _ := s.next(&out, 1000)
		if p != want {
			t.Fatalf("priority %d, want %d", p, want)
		}
		s.sent(p, len(out.Raw))
	}
	*high = *fill(2, 10)
	for range 2 {
		p, _ := s.next(&out, 1000)
		if s.sent(p, len(out.Raw)); p != 0 {
			t.Fatal("a few bytes passed the lane since its turn, and it goes first")
		}
	}
}

// TestScheduleIsStrictAndFair puts messages into lanes and takes them out in any order, and checks both rules
// of the schedule.
func TestScheduleIsStrictAndFair(t *testing.T) {
	zeros := make([]byte, 2*fairShare)
	rapid.Check(t, func(t *rapid.T) {
		var s schedule
		var lanes [Priorities]*queue
		for p := range Priorities {
			lanes[p] = new(queue)
			s.add(Priority(p), lane{source: lanes[p], length: 1})
		}
		var passed [Priorities]int // bytes since the lane's last message, or since nothing waited
		var late [Priorities]int   // messages since it was owed a turn
		var out Out
		put := func(t *rapid.T) {
			p := rapid.IntRange(0, Priorities-1).Draw(t, "priority")
			size := rapid.SampledFrom([]int{1, 1000, 60 << 10, fairShare / 2, fairShare, 2 * fairShare}).Draw(t, "size")
			for range rapid.IntRange(1, 4).Draw(t, "count") {
				*lanes[p] = append(*lanes[p], Out{Raw: zeros[:size]})
			}
		}
		take := func(t *rapid.T) {
			highest := -1
			for p := Priorities - 1; p >= 0; p-- {
				if len(*lanes[p]) > 0 {
					highest = p
				}
			}
			p, ok := s.next(&out, corkBytes)
			switch {
			case ok != (highest >= 0):
				t.Fatalf("there is a message: %v, of priority %d", ok, highest)
			case !ok:
				passed, late = [Priorities]int{}, [Priorities]int{}
				return
			case int(p) != highest && passed[p] < fairShare:
				t.Fatalf("priority %d goes before %d after %d bytes", p, highest, passed[p])
			}
			s.sent(p, len(out.Raw))
			passed[p], late[p] = 0, 0
			for q := int(p) + 1; q < Priorities; q++ {
				passed[q] += len(out.Raw)
			}
			for q := range Priorities {
				if len(*lanes[q]) == 0 {
					late[q] = 0
				} else if q > 0 && q != int(p) && s.debt[q] >= fairShare {
					late[q]++ // owed, and another one went
				}
				if late[q] > Priorities {
					t.Fatalf("priority %d is owed a turn for %d messages", q, late[q])
				}
			}
		}
		t.Repeat(map[string]func(*rapid.T){"put": put, "take": take, "take another": take, "": func(t *rapid.T) {
			for p, d := range s.debt {
				if d > passed[p] {
					t.Fatalf("priority %d is owed %d bytes, and %d passed it", p, d, passed[p])
				}
			}
		}})
	})
}
