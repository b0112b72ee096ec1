// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/event"
)

func head(n uint64) event.Head {
	return event.Head{At: event.At{Time: time.Unix(int64(n), 0)}, Number: n}
}

// Whatever the reader does, each event arrives in order or is counted, in its place.
func TestFeedLosesNothingUncounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newFeed(rapid.IntRange(2, 6).Draw(t, "limit"))
		next, expect := uint64(0), uint64(0)
		take := func(e event.Event) {
			switch e := e.(type) {
			case event.Head:
				if e.Number != expect {
					t.Fatalf("event %d, want %d", e.Number, expect)
				}
				expect++
			case event.Loss:
				if e.Where != "events" {
					t.Fatalf("loss at %q", e.Where)
				}
				expect += e.Count
			}
		}
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "record") {
				f.record(head(next))
				next++
				continue
			}
			select {
			case e := <-f.ch:
				take(e)
			default:
			}
		}
		f.close()
		f.record(head(next)) // too late, and harmless
		for e := range f.ch {
			take(e)
		}
		if expect != next {
			t.Fatalf("%d events accounted for, %d recorded", expect, next)
		}
	})
}
