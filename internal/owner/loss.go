// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"time"

	"github.com/ethpeer/ethpeer/event"
)

// reportEvery is the time between two reports of losses.
const reportEvery = time.Second

// A Loss is one place where things are dropped.
type Loss struct {
	Where string        // as event.Loss has it
	Take  func() uint64 // returns how many were dropped since the last call; the loop calls it
}

// Counter returns a [Loss] that is counted in count, which belongs to the loop.
func Counter(where string, count *uint64) Loss {
	return Loss{Where: where, Take: func() uint64 {
		n := *count
		*count = 0
		return n
	}}
}

// lossTable records the losses of a loop. It belongs to the loop.
type lossTable struct {
	all      []Loss
	counts   []uint64 // not yet recorded, in the order of all
	record   event.Recorder
	reported time.Time
}

// tick collects the counts and records them once a second. It returns when it must be called
// next: the zero time if nothing was lost.
func (t *lossTable) tick(now time.Time) time.Time {
	due := t.reported.Add(reportEvery)
	switch {
	case !t.collect():
		return time.Time{}
	case now.Before(due):
		return due
	}
	t.report(now)
	return time.Time{}
}

// collect takes the counts and reports whether there is one to record.
func (t *lossTable) collect() (some bool) {
	for i := range t.all {
		t.counts[i] += t.all[i].Take()
		some = some || t.counts[i] > 0
	}
	return some
}

// report records what was counted.
func (t *lossTable) report(now time.Time) {
	for i, count := range t.counts {
		if count > 0 {
			t.record.Record(event.Loss{At: event.At{Time: now}, Where: t.all[i].Where, Count: count})
			t.counts[i] = 0
		}
	}
	t.reported = now
}
