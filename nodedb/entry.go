// SPDX-License-Identifier: Apache-2.0

package nodedb

import (
	"time"

	"github.com/ethpeer/ethpeer/enr"
)

// A Context is the network on which a node was judged: its judgement means nothing on another
// one. The zero Context is that of a program without a chain, and of what was written before
// contexts were.
type Context struct {
	NetworkID uint64
	Genesis   [32]byte // hash of the genesis block
}

// An Entry is what is remembered of a node. Times are zero where something never happened.
type Entry struct {
	ID   enr.ID
	Node enr.Node // where it was last; the zero Key: not known

	LastPong time.Time // it answered discovery

	// What follows was learned in Context.
	Context Context

	LastUp time.Time     // it was a peer, until then or until now
	Useful time.Duration // as a peer, in all

	Score     float64 // as of ScoreAt; it fades
	ScoreAt   time.Time
	NotBefore time.Time // it is to be left alone until then
	Cause     string    // why its last connection ended
}

// score returns the score as it has faded by now.
func (e *Entry) score(now time.Time) float64 {
	if e.ScoreAt.IsZero() {
		return 0
	}
	return faded(e.Score, now.Sub(e.ScoreAt))
}

// clamp mends what was written under a clock that was ahead: nothing was learned later than now, and no wait is longer than the
// longest.
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

// in returns the entry as it is in a context: without what was learned in another one. Of a
// context that is not known only the judgement is left out: that it was a peer may help.
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

// heard returns when the node last gave a sign of life.
func (e *Entry) heard() time.Time {
	if e.LastUp.After(e.LastPong) {
		return e.LastUp
	}
	return e.LastPong
}

// Newer returns what is known of a node when n is learned beside old: a record stands until
// there is one with a higher sequence number (EIP-778); an endpoint without a record is replaced by
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
