// SPDX-License-Identifier: Apache-2.0

package event

import (
	"time"

	"github.com/ethpeer/ethpeer/enr"
)

// KindSummary is the kind of Summary.
const KindSummary Kind = "summary"

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
	Lost      []Lost // by site, in the order in which the sites first lost something

	Away []Absence // of the nodes that the operator named, in the order in which they were first reported; at most 1,024
}

// Lost is how much was dropped at one site in all.
type Lost struct {
	Where string
	Count uint64
}

// Absence is for how long in all a node that the operator named was not connected.
type Absence struct {
	Peer enr.ID
	For  time.Duration
}

// Kind returns KindSummary.
func (Summary) Kind() Kind { return KindSummary }

// Visit hands the fields to f.
func (e Summary) Visit(f Fields) {
	f.Duration("uptime", e.Uptime, true)
	f.Uint("peers", count(e.Peers), true)
	f.Uint("up", e.Up, true)
	f.Uint("down", e.Down, true)
	f.Uint("failed", e.Failed, true)
	f.Uint("txs", e.Txs, true)
	f.Uint("bodies", e.Bodies, true)
	f.Uint("sightings", e.Sightings, true)
	f.Uint("blocks", e.Blocks, true)
	head := !e.Head.Hash.IsZero()
	f.Uint("head", e.Head.Number, head)
	f.Hash("hash", e.Head.Hash, head)
	f.Text("by", e.Head.By, head && e.Head.By != "")
	f.Bool("proved", e.Head.Proved, head)
	f.Losses("losses", e.Lost, true)
	f.Absences("away", e.Away, len(e.Away) > 0)
}
