// SPDX-License-Identifier: Apache-2.0

package dns

import "time"

// Lookups.
const (
	timeout = 5 * time.Second // of one
	perGap  = time.Second / 3 // between two, on average
	burst   = 10              // that may follow each other at once
	cached  = 1000            // verified entries that need no lookup
)

// Roots.
const (
	rootAge       = 30 * time.Minute // after which it is read again
	leafPatience  = 5                // failures of entries after which it is read again at once
	rootPatience  = 5                // failures of the root after which there is rootDelay between two
	rootPatience2 = 20               // and then rootDelay2
	rootDelay     = 5 * time.Second
	rootDelay2    = 10 * time.Second
)

// Tree syncs.
const (
	tries    = 3               // of an entry, until it is left out of a tree sync
	syncGap  = 5 * time.Second // at least, from the start of a tree sync to the next
	idleGap  = time.Minute     // to the next tree sync after one in which nothing was found because lookups failed
	maxNodes = 8192            // entries of one list's nodes, branches included; further ones are ignored
	maxLinks = 1024            // and of its links
	maxLists = 16              // lists in all; links to further ones are ignored
	maxDepth = 4               // links from a configured list to another
)

// rootBackoff returns how long a root is left alone that failed so many times in a row.
func rootBackoff(failures int) time.Duration {
	switch {
	case failures > rootPatience2:
		return rootDelay2
	case failures > rootPatience:
		return rootDelay
	}
	return 0
}

// A limiter bounds the rate of lookups. Its only state is the time at which its budget is full.
type limiter struct{ calm time.Time }

// wait returns how long nothing may pass.
func (l *limiter) wait(now time.Time) time.Duration {
	if !l.calm.After(now) {
		return 0
	}
	return max(0, l.calm.Sub(now)-(burst-1)*perGap)
}

// pass counts one that passes.
func (l *limiter) pass(now time.Time) {
	if l.calm.Before(now) {
		l.calm = now
	}
	l.calm = l.calm.Add(perGap)
}
