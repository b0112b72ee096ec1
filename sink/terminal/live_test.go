// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// TestStatusLine plays a minute on a screen of changing width; the golden file is what
// the screen is sent, step by step.
func TestStatusLine(t *testing.T) {
	var out strings.Builder
	width := 0
	f := &Format{Live: true, Color: true, Width: func() int { return width }}
	var s event.Summary
	now := noon
	step := func(name string, b []byte) { fmt.Fprintf(&out, "%-12s %s\n", name, visible(b)) }
	status := func(after time.Duration) {
		now = now.Add(after)
		s.Uptime = now.Sub(noon)
		b, next := f.Status(nil, now, s)
		step(fmt.Sprintf("+%v", s.Uptime), b)
		if d := next.Sub(now); d <= 0 || d > time.Second {
			t.Errorf("the next status is due in %v", d)
		}
	}
	line := func(e event.Event) {
		step("line", []byte(strings.TrimSuffix(string(f.Append(nil, e)), "\n")))
	}
	status(0)
	status(500 * time.Millisecond) // too early: nothing
	status(500 * time.Millisecond)
	s.Connected, s.Txs, s.Blocks, s.Head = 1, 20, 1, event.Head{Number: 7, Hash: types.Hash{7}}
	line(event.Head{At: event.At{Time: now}, Number: 7, Hash: types.Hash{7}, By: event.HeadByPeers, Supporters: 1})
	line(event.Loss{At: event.At{Time: now}, Where: "output", Count: 3})
	s.Lost = []event.Lost{{Where: "output", Count: 3}, {Where: "inbox", Count: 1}}
	status(100 * time.Millisecond) // early, but the line is gone
	width = 30
	for range 12 {
		s.Txs += 40
		status(time.Second)
	}
	width = 1
	status(time.Second)
	line(event.Summary{Uptime: s.Uptime, Peers: 1})
	golden(t, "testdata/status.golden", out.String())
}

func TestNoStatusUnlessAsked(t *testing.T) {
	var f Format
	if b, next := f.Status(nil, noon, event.Summary{}); len(b) > 0 || !next.IsZero() {
		t.Errorf("%q, next at %v; want nothing, never", b, next)
	}
}

func TestRateIsOfTheLastSeconds(t *testing.T) {
	var r rate
	if v := r.perSecond(noon, 5); v != 0 {
		t.Errorf("%v per second before anything was counted", v)
	}
	count := uint64(0)
	for i := range 60 { // 10 per second, then none
		now := noon.Add(time.Duration(i) * time.Second)
		r.onCount(now, count)
		r.onCount(now.Add(time.Millisecond), 1e9) // too soon to be a sample
		want := 10.0
		switch {
		case i == 0 || i >= 39:
			want = 0
		case i > 30:
			want = 10 * float64(39-i) / 9
		}
		if got := r.perSecond(now, count); got != want {
			t.Errorf("after %d s: %v per second, want %v", i, got, want)
		}
		if i < 30 {
			count += 10
		}
	}
}
