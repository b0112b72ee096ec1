// SPDX-License-Identifier: Apache-2.0

package terminal

import "time"

const (
	rateStep   = time.Second
	rateWindow = 10 // steps that a rate is averaged over
)

// rate is how fast a count grows: the average over the last ten seconds or so.
type rate struct {
	past [rateWindow]sample // the oldest first
	n    int
}

type sample struct {
	at    time.Time
	count uint64
}

// onCount remembers the count, unless the last sample is younger than a step.
func (r *rate) onCount(now time.Time, count uint64) {
	if r.n > 0 && now.Sub(r.past[r.n-1].at) < rateStep {
		return
	}
	if r.n == len(r.past) {
		copy(r.past[:], r.past[1:])
		r.n--
	}
	r.past[r.n] = sample{now, count}
	r.n++
}

func (r *rate) perSecond(now time.Time, count uint64) float64 {
	if r.n == 0 {
		return 0
	}
	oldest := r.past[0]
	if d := now.Sub(oldest.at); d > 0 {
		return float64(count-oldest.count) / d.Seconds()
	}
	return 0
}
