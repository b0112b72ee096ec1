// SPDX-License-Identifier: Apache-2.0

// in: how connections ended · out: how long to leave a node alone · owner: see Reputation

package nodedb

import (
	"iter"
	"math"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/bounded"
)

// Points and waits.
const (
	pointsUp   = 1.0 // for each upUnit that a node was of use
	pointsMost = 10.0
	upUnit     = 10 * time.Minute
	scoreHalf  = time.Hour // points fade: half of them are left after this

	scoreShun = -8.0      // a node at or below it is left alone
	shunTime  = time.Hour // for this long

	fullFirst = 70 * time.Second // a node without room for us is left alone for this long, twice as long each time in a row
	fullMost  = 30 * time.Minute // at most

	waitMost = 30 * 24 * time.Hour // the longest wait; one that is longer was written under a wrong clock

	scoreTable = 8 << 10 // nodes with a score; beyond it the one longest without a connection is forgotten
)

// An End is what one connection says of a node.
type End struct {
	ID    enr.ID
	Node  enr.Node      // where it was dialled; the zero Node if it came to us
	Up    time.Duration // how long it was of use; 0 = it never was
	Score float64       // what the end adds to its score, in points; see p2p.Judge
	Retry time.Duration // for how long the end alone makes a dial pointless; 0 = it does not
	Full  bool          // it had no place for us, and was of no use
	Cause string        // of the end
}

// A Reputation scores nodes by how their connections ended, inbound ones too, and says how long
// each is not worth a dial. Scores fade by half in an hour. What outlasts the run goes into
// the [DB], with the [Context] in which it was learned.
//
// OnEnd and Forgotten belong to one goroutine; the others may be called from any.
type Reputation struct {
	db     *DB
	scores *bounded.Map[enr.ID, score]
}

type score struct {
	points float64
	at     time.Time
	full   int // how often in a row it had no place for us
}

// NewReputation returns the reputation that a DB remembers, as of its context. A nil DB
// remembers nothing beyond the run.
func NewReputation(db *DB) *Reputation {
	r := &Reputation{db: db, scores: bounded.NewMap[enr.ID, score](scoreTable, bounded.DropLeastRecent)}
	if db == nil {
		return r
	}
	for _, e := range db.judged() {
		if e.Score != 0 {
			r.scores.Put(e.ID, score{points: e.Score, at: e.ScoreAt})
		}
	}
	return r
}

// Cooldowns yields the nodes that an earlier run wanted to leave alone beyond now, and for how
// much longer: 30 days at most. What was learned in another context is left out: a node of
// another chain may be one of ours.
func (r *Reputation) Cooldowns(now time.Time) iter.Seq2[enr.ID, time.Duration] {
	return func(yield func(enr.ID, time.Duration) bool) {
		if r.db == nil {
			return
		}
		for _, e := range r.db.judged() {
			if wait := e.NotBefore.Sub(now); wait > 0 && !yield(e.ID, min(wait, waitMost)) {
				return
			}
		}
	}
}

// OnUp takes a node that has become a peer, with its address if it was dialled.
func (r *Reputation) OnUp(now time.Time, id enr.ID, node enr.Node) {
	if r.db == nil {
		return
	}
	r.db.learn(id, func(e *Entry) {
		e.Node, e.LastUp = Newer(e.Node, node), now
	})
}

// OnEnd takes the end of a connection. It returns for how long the node is not worth a dial:
// what the end says, and more for a node that keeps disappointing; 0 = it may be dialled.
func (r *Reputation) OnEnd(now time.Time, e End) (wait time.Duration) {
	points := r.value(now, e.ID) + e.Score + pointsUp*float64(e.Up)/float64(upUnit)
	next := score{points: min(max(points, -2*pointsMost), pointsMost), at: now}
	wait = e.Retry
	if e.Full {
		old, _ := r.scores.Get(e.ID)
		next.full = old.full + 1
		wait = min(fullFirst<<min(old.full, 10), fullMost)
	}
	r.scores.Put(e.ID, next)
	if next.points <= scoreShun {
		wait = max(wait, shunTime)
	}
	r.remember(now, e, next.points, wait)
	return wait
}

// remember keeps what is worth it. Of a node that the DB does not know, and that was neither a
// peer nor is to be left alone, or that we could not dial, there is nothing to remember: so
// strangers that connect, and addresses without a node, displace no other.
func (r *Reputation) remember(now time.Time, e End, points float64, wait time.Duration) {
	if r.db == nil {
		return
	}
	if _, known := r.db.Get(e.ID); !known && e.Up == 0 && (wait == 0 || e.Node.Key.IsZero()) {
		return
	}
	r.db.learn(e.ID, func(entry *Entry) {
		entry.Node = Newer(entry.Node, e.Node)
		entry.Score, entry.ScoreAt, entry.NotBefore, entry.Cause = points, now, time.Time{}, e.Cause
		if wait > 0 {
			entry.NotBefore = now.Add(wait)
		}
		if e.Up > 0 {
			entry.LastUp = now
			entry.Useful += e.Up
		}
	})
}

// value returns a node's points as of now: 0 for one that is not known.
func (r *Reputation) value(now time.Time, id enr.ID) float64 {
	s, ok := r.scores.Get(id)
	if !ok {
		return 0
	}
	return faded(s.points, now.Sub(s.at))
}

// Forgotten returns how many scores were dropped since it was last called, because there were
// too many.
func (r *Reputation) Forgotten() uint64 { return r.scores.TakeDropped() }

// faded returns what is left of points after a while.
func faded(points float64, after time.Duration) float64 {
	return points * math.Exp2(-float64(max(after, 0))/float64(scoreHalf))
}
