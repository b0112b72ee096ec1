// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"time"

	"github.com/ethpeer/ethpeer/event"
)

// reportEvery is the time between two reports of losses.
const reportEvery = time.Second

// lossCounts holds the machine's losses until they are reported. The owner is the loop.
type lossCounts struct {
	losses
	reported time.Time
}

// take adds what the machine counted.
func (l *lossCounts) take(m losses) {
	l.announced += m.announced
	l.bodies += m.bodies
	l.jumps += m.jumps
}

// deadline returns when to report, and false if there is nothing to report.
func (l *lossCounts) deadline() (time.Time, bool) {
	return l.reported.Add(reportEvery), l.announced+l.bodies+l.jumps > 0
}

// report records the counts and begins again.
func (l *lossCounts) report(now time.Time, record event.Recorder) {
	for _, one := range []struct {
		where string
		count uint64
	}{
		{"blockgossip.announced", l.announced},
		{"blockgossip.bodies", l.bodies},
		{"blockgossip.jumps", l.jumps},
	} {
		if one.count > 0 {
			record.Record(event.Loss{At: event.At{Time: now}, Where: one.where, Count: one.count})
		}
	}
	*l = lossCounts{reported: now}
}
