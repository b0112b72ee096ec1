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
	scoreHalf  = time.Hour // half of the points fade in this time

	scoreShun = -8.0      // a node with this score or less is left alone
	shunTime  = time.Hour // for so long

	fullFirst = 70 * time.Second // the wait for a node without room for us, which doubles each time in a row
	fullMost  = 30 * time.Minute // at most

	waitMost = 30 * 24 * time.Hour // the longest wait; a longer one was written under a wrong clock

	scoreTable = 8 << 10 // nodes with a score; then the one longest without a connection is forgotten
)

// An End is the evidence of one connection about a node.
type End struct {
	ID    enr.ID
	Node  enr.Node      // the node that was dialled; the zero Node for an inbound connection
	Up    time.Duration // how long it was of use; 0 = it never was
	Score float64       // what the end adds to the node's score, in points; see p2p.Judge
	Retry time.Duration // for how long the end alone makes a dial pointless; 0 = not at all
	Full  bool          // the node had no place for us, and was of no use
	Cause string        // of the end
}

// A Reputation scores nodes by how their connections ended, inbound ones too, and returns for how long each
// is not worth a dial. Scores halve every hour. Results that outlast the run go into the [DB], with the
// [Context] in which they were learned.
//
// One goroutine calls OnEnd and Forgotten; any goroutine may call the other methods.
type Reputation struct {
	db     *DB
	scores *bounded.Map[enr.ID, score]
}

type score struct {
	points float64
	at     time.Time
	full   int // how often in a row the node had no place for us
}

// NewReputation returns the reputation that a DB holds in its context. With a nil DB the reputation lasts for
// the run.
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

// Cooldowns yields the nodes that an earlier run left alone beyond now, with the remaining wait: 30 days at
// most. It skips what was learned in another context: a node that was of another chain there may be of ours.
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

// OnUp takes a node that has become a peer; node has its address if we dialled it.
func (r *Reputation) OnUp(now time.Time, id enr.ID, node enr.Node) {
	if r.db == nil {
		return
	}
	r.db.learn(id, func(e *Entry) {
		e.Node, e.LastUp = Newer(e.Node, node), now
	})
}

// OnEnd takes the end of a connection. It returns for how long the node is not worth a dial: the time that
// the end states, and more for a node that disappoints repeatedly; 0 = it may be dialled.
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

// remember stores a judgement in the DB. It stores nothing of a node without an entry that was no peer,
// unless the node is to be left alone and was dialled. So strangers that connect, and addresses without a
// node, displace no entry.
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

// value returns a node's points as of now: 0 for an unknown node.
func (r *Reputation) value(now time.Time, id enr.ID) float64 {
	s, ok := r.scores.Get(id)
	if !ok {
		return 0
	}
	return faded(s.points, now.Sub(s.at))
}

// Forgotten returns how many scores were dropped since its last call, because the table was full.
func (r *Reputation) Forgotten() uint64 { return r.scores.TakeDropped() }

// faded returns what is left of points after the given time.
func faded(points float64, after time.Duration) float64 {
	return points * math.Exp2(-float64(max(after, 0))/float64(scoreHalf))
}
