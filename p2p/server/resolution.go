// SPDX-License-Identifier: Apache-2.0

package server

import "time"

// A node's address is looked for this often at most.
const (
	resolveFirst = time.Minute
	resolveMost  = time.Hour
)

// A resolution spaces out the searches for one static node: each that finds nothing
// doubles the gap to the next. The zero value allows one at once. Owner: the node's dial
// while there is one, else the dialer.
type resolution struct {
	gap  time.Duration
	next time.Time
}

func (r *resolution) allowed(now time.Time) bool { return !now.Before(r.next) }

// onResult takes the outcome of a search that began at the given time.
func (r *resolution) onResult(began time.Time, found bool) {
	switch {
	case found:
		r.gap = resolveFirst
	case r.gap == 0:
		r.gap = 2 * resolveFirst
	default:
		r.gap = min(2*r.gap, resolveMost)
	}
	r.next = began.Add(r.gap)
}
