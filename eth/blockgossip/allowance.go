// SPDX-License-Identifier: Apache-2.0

package blockgossip

import "time"

// How many forks one peer can have told: a block that contradicts one that was told costs it nothing to make
// where blocks are gossiped (devp2p/caps/eth.md#block-propagation). An honest chain has a few at a time.
const (
	maxForks  = 64
	forkEvery = 250 * time.Millisecond // for one more
)

// An allowance counts what is left of maxForks.
type allowance struct {
	used  int
	since time.Time // until when it has grown
}

// take takes one, and reports false if there is none left.
func (a *allowance) take(now time.Time) bool {
	if grown := int(now.Sub(a.since) / forkEvery); grown >= a.used {
		a.used, a.since = 0, now
	} else {
		a.used, a.since = a.used-grown, a.since.Add(time.Duration(grown)*forkEvery)
	}
	if a.used >= maxForks {
		return false
	}
	a.used++
	return true
}
