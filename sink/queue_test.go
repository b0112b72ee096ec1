// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/event"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// numbered is an event that can be told from every other: its number is its second.
func numbered(i int) event.Event {
	return event.Head{At: event.At{Time: noon.Add(time.Duration(i) * time.Second)}, Number: uint64(i)}
}

// What comes out, each loss read as that many events, is what went in, in order.
func TestQueueLosesNothingUncounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := newQueue(noon, nil, rapid.IntRange(1, 9).Draw(t, "bound"))
		in, out, lost := 0, 0, uint64(0)
		read := func(n int) int {
			events, _ := q.events.Take(make([]event.Event, 0, n))
			for _, e := range events {
				switch e := e.(type) {
				case event.Head:
					if e.Number != uint64(out) {
						t.Fatalf("event %d came where %d was due", e.Number, out)
					}
					out++
				case event.Loss:
					out += int(e.Count)
					lost += e.Count
					if last := numbered(out - 1).When(); !e.Time.Equal(last) || e.Where != Output {
						t.Fatalf("loss at %v in %q, want %v in %q", e.Time, e.Where, last, Output)
					}
				}
			}
			return len(events)
		}
		t.Repeat(map[string]func(*rapid.T){
			"record": func(*rapid.T) {
				q.Record(numbered(in))
				in++
			},
			"sum":  func(*rapid.T) { q.summary(noon) },
			"read": func(t *rapid.T) { read(rapid.IntRange(1, 4).Draw(t, "n")) },
		})
		for read(3) > 0 {
		}
		if out != in {
			t.Fatalf("%d of %d accounted for", out, in)
		}
		var counted uint64
		for _, l := range q.summary(noon).Lost {
			counted += l.Count
		}
		if counted != lost {
			t.Fatalf("the summary counts %d lost, the lines %d", counted, lost)
		}
	})
}

func TestRecordAllocatesNothing(t *testing.T) {
	q := newQueue(noon, nil, 8)
	e := numbered(1)
	if n := testing.AllocsPerRun(100, func() { q.Record(e) }); n != 0 {
		t.Errorf("%v allocations per event, want 0, full or not", n)
	}
}

func TestWhatIsNotKeptIsCounted(t *testing.T) {
	q := New(noon, func(e event.Event) bool { return e.Kind() != event.KindSighting })
	q.Record(event.Sighting{})
	q.Record(event.Tx{})
	if n := q.Waiting(); n != 1 {
		t.Errorf("%d events wait, want the transaction alone", n)
	}
	if s := q.summary(noon); s.Sightings != 1 || s.Txs != 1 {
		t.Errorf("the summary counts %d sightings and %d txs, want 1 and 1", s.Sightings, s.Txs)
	}
}
