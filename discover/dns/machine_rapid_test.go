// SPDX-License-Identifier: Apache-2.0

package dns

import (
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/discover/dnstree"
	"pgregory.net/rapid"
)

// Whatever the DNS answers, the machine keeps its invariants and its rate, its lists never
// go back, and when the DNS is good again all nodes are found.
func TestMachineAnyAnswers(t *testing.T) {
	good, old := zones{}, zones{}
	old.publish(t, "a.example", 1, nodes(t, 1, 9), "b.example")
	old.publish(t, "b.example", 1, nodes(t, 21, 22))
	good.publish(t, "a.example", 2, nodes(t, 5, 20), "b.example", "a.example")
	good.publish(t, "b.example", 2, nodes(t, 21, 24), "a.example")
	roots := []dnstree.URL{listURL(t, "a.example")}

	rapid.Check(t, func(t *rapid.T) {
		w := newMachine(roots, func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "pick") })
		now := time.Unix(1e9, 0)
		begin, lookups := now, 0
		step := func(lookUp func(name string) ([]string, error)) (port uint16) {
			had := make(map[dnstree.URL]uint64)
			for _, l := range w.lists {
				had[l.url] = l.root.Seq
			}
			s := w.next(now)
			record := s.node
			switch {
			case record != nil:
			case s.query == "":
				now = s.deadline
			case lookUp == nil:
				lookups++
				w.onCancel()
			default:
				lookups++
				texts, err := lookUp(s.query)
				record, _ = w.onAnswer(now, texts, err)
			}
			if err := w.checkInvariants(); err != nil {
				t.Fatal(err)
			}
			for _, l := range w.lists {
				if l.root.Seq < had[l.url] {
					t.Fatalf("%s went back to %d", l.url.Domain, l.root.Seq)
				}
			}
			if most := burst + int(now.Sub(begin)/perGap); lookups > most {
				t.Fatalf("%d lookups in %v", lookups, now.Sub(begin))
			}
			if record == nil {
				return 0
			}
			return portOf(record)
		}
		answers := map[string]func(string) ([]string, error){
			"good":    good.lookUp,
			"old":     old.lookUp,
			"none":    zones{}.lookUp,
			"empty":   func(string) ([]string, error) { return nil, nil },
			"another": func(string) ([]string, error) { return good.lookUp("b.example") },
			"cancel":  nil,
		}
		kind := rapid.SampledFrom([]string{"good", "good", "old", "none", "empty", "another", "cancel"})
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			step(answers[kind.Draw(t, "answer")])
		}

		found := make(map[uint16]bool)
		for end := now.Add(2 * rootAge); now.Before(end) && len(found) < 20; {
			if port := step(good.lookUp); port >= 5 && port <= 24 {
				found[port] = true
			}
		}
		if len(found) < 20 {
			t.Fatalf("found %d nodes of 20", len(found))
		}
	})
}
