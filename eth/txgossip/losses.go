// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"time"

	"github.com/ethpeer/ethpeer/event"
)

// reportEvery is the time between two reports of losses.
const reportEvery = time.Second

// losses counts what was not told, or not fetched, until it is reported. The owner is the
// loop.
type losses struct {
	fetchLosses
	unknown, invalid uint64
	reported         time.Time
}

// take adds what the machine counted.
func (l *losses) take(f fetchLosses) {
	l.peer += f.peer
	l.table += f.table
}

// deadline returns when to report, and false if there is nothing to report.
func (l *losses) deadline() (time.Time, bool) {
	return l.reported.Add(reportEvery), l.peer+l.table+l.unknown+l.invalid > 0
}

// report records the counts and begins again.
func (l *losses) report(now time.Time, record event.Recorder) {
	for _, one := range []struct {
		where string
		count uint64
	}{
		{"txgossip.peer", l.peer},
		{"txgossip.table", l.table},
		{"txgossip.unknown", l.unknown},
		{"txgossip.invalid", l.invalid},
	} {
		if one.count > 0 {
			record.Record(event.Loss{At: event.At{Time: now}, Where: one.where, Count: one.count})
		}
	}
	*l = losses{reported: now}
}
