// SPDX-License-Identifier: Apache-2.0

package beacon

import (
	"slices"
	"strings"
	"testing"
)

// TestFollowsEvents: the follower goes from a checkpoint of an early period to the head, and then follows the
// node's events over several periods without polls.
func TestFollowsEvents(t *testing.T) {
	inWorld(t, "a", func(w *world) {
		w.run()
		w.current("at the start")
		w.wait(40)
		w.current("after 40 slots")
		heads := w.told()
		for i := range heads[1:] {
			if heads[i+1].Number > heads[i].Number+1 {
				t.Errorf("head %d after %d", heads[i+1].Number, heads[i].Number)
			}
		}
		if f := heads[len(heads)-1].Finalized; f.Number+13 < w.now() {
			t.Errorf("finalized %d in slot %d", f.Number, w.now())
		}
		asked := map[string]int{}
		for _, path := range w.hosts["a"].node.Asked() {
			name, _, _ := strings.Cut(path[strings.LastIndex(path, "/")+1:], "?")
			asked[name]++
		}
		if asked["events"] != 1 || asked["optimistic_update"] != 1 || asked["updates"] != 3 || asked["finality_update"] > 2 {
			t.Errorf("asked %v", asked)
		}
		if s := w.follower.Status(); s.Node != "http://a" || s.Stale || s.Behind > 2 || s.Network != "test" || s.Period != w.now()/16 || s.Head.Votes != 8 {
			t.Errorf("%+v", s)
		}
		if said := w.said(); said != nil {
			t.Errorf("%q", said)
		}
	})
}

// TestFollowsByPolls: a node without events is asked at a third of each slot.
func TestFollowsByPolls(t *testing.T) {
	inWorld(t, "a", func(w *world) {
		w.hosts["a"].node.NoEvents = true
		w.run()
		for range 40 {
			w.wait(1)
			w.current("by polls")
		}
		if n := len(w.told()); n < 40 || n > 60 {
			t.Errorf("%d heads", n)
		}
		polls := 0
		for _, path := range w.hosts["a"].node.Asked() {
			if strings.HasSuffix(path, "optimistic_update") {
				polls++
			}
		}
		if polls < 40 || polls > 43 {
			t.Errorf("%d polls", polls)
		}
	})
}

// TestEventsStop: a stream that is silent, or ends, is replaced by polls, and comes back.
func TestEventsStop(t *testing.T) {
	inWorld(t, "a", func(w *world) {
		w.run()
		w.wait(5)
		w.hosts["a"].server.Close()
		w.hosts["a"].serving.Wait()
		w.up("a")
		for range 20 {
			w.wait(1)
			if w.last()+3 < w.now() {
				t.Fatalf("head %d in slot %d: %q", w.last(), w.now(), w.said())
			}
		}
		w.current("after a broken stream")
		streams := 0
		for _, path := range w.hosts["a"].node.Asked() {
			if strings.Contains(path, "/events?") {
				streams++
			}
		}
		if streams != 2 {
			t.Errorf("%d streams", streams)
		}
	})
}

// TestRestart: a follower with a stored state needs no checkpoint and no bootstrap, and reports no head older
// than its last one.
func TestRestart(t *testing.T) {
	inWorld(t, "a", func(w *world) {
		w.cfg.Store = File(t.TempDir() + "/light")
		w.run()
		w.wait(10)
		w.stop()
		before := w.last()
		checkpoint := w.cfg.Checkpoint
		w.cfg.Checkpoint = [32]byte{}
		w.wait(100)
		asked := len(w.hosts["a"].node.Asked())
		w.run()
		w.wait(2)
		w.current("after a restart")
		again := w.hosts["a"].node.Asked()[asked:]
		if before+100 > w.last() || slices.ContainsFunc(again, func(path string) bool { return strings.Contains(path, "bootstrap") }) {
			t.Errorf("head %d, then %d; asked %q", before, w.last(), again)
		}
		w.stop()
		// Another checkpoint begins anew.
		w.cfg.Checkpoint = w.hosts["a"].node.Chain.At(100).Root
		asked = len(w.hosts["a"].node.Asked())
		w.run()
		w.wait(2)
		w.current("with another checkpoint")
		if again := w.hosts["a"].node.Asked()[asked:]; !slices.ContainsFunc(again, func(path string) bool { return strings.Contains(path, "bootstrap") }) {
			t.Errorf("asked %q", again)
		}
		_ = checkpoint
	})
}
