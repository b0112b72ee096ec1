// SPDX-License-Identifier: Apache-2.0

package nodedb

import (
	"time"

	"github.com/ethpeer/ethpeer/enr"
)

// A Context is the network on which a node was judged. The judgement means nothing on another network. The
// zero Context is that of a program without a chain, and of entries of the earlier version, which have no
// context.
type Context struct {
	NetworkID uint64
	Genesis   [32]byte // hash of the genesis block
}

// An Entry holds what was learned of a node. A zero time means that the event never happened.
type Entry struct {
	ID   enr.ID
	Node enr.Node // its last endpoint; the zero Key = unknown

	LastPong time.Time // when it last answered discovery

	// The following was learned in Context.
	Context Context

	LastUp time.Time     // when it was last a peer, or now if it is one
	Useful time.Duration // as a peer, in total

	Score     float64 // as of ScoreAt; scores fade
	ScoreAt   time.Time
	NotBefore time.Time // the node is left alone until then
	Cause     string    // of the end of its last connection
}

// score returns the score after fading until now.
func (e *Entry) score(now time.Time) float64 {
	if e.ScoreAt.IsZero() {
		return 0
	}
	return faded(e.Score, now.Sub(e.ScoreAt))
}

// clamp corrects times that were written while the clock was ahead: nothing was learned later than now, and
// no wait is longer than the longest.
func (e *Entry) clamp(now time.Time) {
	for _, at := range []*time.Time{&e.LastPong, &e.LastUp, &e.ScoreAt} {
		if at.After(now) {
			*at = now
		}
	}
	if most := now.Add(waitMost); e.NotBefore.After(most) {
		e.NotBefore = most
	}
}

// in returns the entry as it is in context c: without what was learned in another context. If the entry's
// context is unknown, in drops only the judgement and keeps the times as a peer, which may help.
func (e *Entry) in(c Context) Entry {
	seen := *e
	if e.Context == c {
		return seen
	}
	if e.Context != (Context{}) {
		seen.LastUp, seen.Useful = time.Time{}, 0
	}
	seen.Score, seen.ScoreAt, seen.NotBefore, seen.Cause = 0, time.Time{}, time.Time{}, ""
	seen.Context = c
	return seen
}

// heard returns the time of the node's last sign of life.
func (e *Entry) heard() time.Time {
	if e.LastUp.After(e.LastPong) {
		return e.LastUp
	}
	return e.LastPong
}

// Newer returns the newer of two views of a node, old and n: a record is replaced only by one with a higher
// sequence number (devp2p/enr.md#record-structure), an endpoint without a record by any later one.
func Newer(old, n enr.Node) enr.Node {
	switch {
	case old.Key.IsZero():
		return n
	case n.Key.IsZero() || old.Record != nil && (n.Record == nil || n.Record.Seq() <= old.Record.Seq()):
		return old
	}
	return n
}
