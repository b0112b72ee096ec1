// SPDX-License-Identifier: Apache-2.0

package event

import "time"

// Summary says what was observed so far; the last event of a run is one. A [Tally]
// makes it.
type Summary struct {
	At
	Uptime time.Duration

	Connected int    // peers that are up at this moment
	Peers     int    // different nodes that were up at least once; exact up to 65,536
	Up        uint64 // times that a connection became a peer
	Down      uint64 // times that a peer ended
	Failed    uint64 // connections that ended before they were a peer

	Txs       uint64 // transactions first seen
	Bodies    uint64 // of these, the ones whose body became known
	Sightings uint64 // further tellings of a transaction
	Blocks    uint64
	Head      Head   // the latest; its zero value = none was reported
	Lost      []Lost // by place, in the order in which the places first lost something
}

// Lost is how much was dropped in one place, in all.
type Lost struct {
	Where string
	Count uint64
}

// Kind returns KindSummary.
func (Summary) Kind() Kind { return KindSummary }
