// SPDX-License-Identifier: Apache-2.0

package nodedb

import (
	"math"
	"time"

	"github.com/ethpeer/ethpeer/enr"
)

// An Entry is what is remembered of a node. Times are zero where something never happened.
type Entry struct {
	ID   enr.ID
	Node enr.Node // where it was last; the zero Key: not known

	LastPong time.Time // it answered discovery

	LastUp time.Time     // it was a peer, until then or until now
	Useful time.Duration // as a peer, in all

	Score     float64 // as of ScoreAt; it fades
	ScoreAt   time.Time
	NotBefore time.Time // it is to be left alone until then
	Cause     string    // why its last connection ended
}

// scoreHalf is the time in which a score fades to the half of it.
const scoreHalf = time.Hour

// score returns the score as it has faded by now.
func (e *Entry) score(now time.Time) float64 {
	if e.ScoreAt.IsZero() {
		return 0
	}
	return e.Score * math.Exp2(-max(now.Sub(e.ScoreAt), 0).Hours()/scoreHalf.Hours())
}

// heard returns when the node last gave a sign of life.
func (e *Entry) heard() time.Time {
	if e.LastUp.After(e.LastPong) {
		return e.LastUp
	}
	return e.LastPong
}

// Newer returns what is known of a node when n is learned beside old: a record stands until
// there is one with a higher sequence number; an endpoint without a record is replaced by
// what is learned of it.
func Newer(old, n enr.Node) enr.Node {
	switch {
	case old.Key.IsZero():
		return n
	case n.Key.IsZero() || old.Record != nil && (n.Record == nil || n.Record.Seq() <= old.Record.Seq()):
		return old
	}
	return n
}
