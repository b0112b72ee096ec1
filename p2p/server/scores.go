// SPDX-License-Identifier: Apache-2.0

package server

import (
	"math"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/p2p"
)

// What the ends of connections are worth, in points, beside what [p2p.Judge] says.
const (
	pointsUp   = 1.0 // for each upUnit that it was of use
	pointsMost = 10.0

	upUnit    = 10 * time.Minute
	scoreHalf = time.Hour // points fade: half of them are left after this

	scoreShun = -8.0      // a node at or below it is left alone
	shunTime  = time.Hour // for this long

	fullMost = 30 * time.Minute // the longest wait for a node that has no place for us

	scoreTable = 8 << 10 // nodes remembered; beyond it the one that was longest not heard of is forgotten
)

// scores remembers how connections with nodes ended, inbound ones too. Owner: the dial
// loop.
type scores struct {
	of *bounded.Map[enr.ID, score]
}

type score struct {
	points float64
	at     time.Time
	full   int // how often in a row it had no place for us
}

func newScores() *scores {
	return &scores{of: bounded.NewMap[enr.ID, score](scoreTable, bounded.DropLeastRecent)}
}

// onEnd takes the verdict about a connection and how long it had been of use. It returns
// for how long the node is not worth a dial: what the verdict says, and more for a node
// that keeps disappointing.
func (s *scores) onEnd(now time.Time, id enr.ID, v p2p.Verdict, up time.Duration) time.Duration {
	points := s.value(now, id) + points(v, up)
	points = min(max(points, -2*pointsMost), pointsMost)
	old, _ := s.of.Get(id)
	next, retry := score{points: points, at: now}, v.Retry
	if up == 0 && v.Reason == p2p.ReasonTooManyPeers && v.By == event.ByThem {
		next.full = old.full + 1
		retry = min(redialAfter<<min(next.full, 10), fullMost)
	}
	s.of.Put(id, next)
	if points <= scoreShun {
		return max(retry, shunTime)
	}
	return retry
}

// value returns a node's points as of now: 0 for one that is not known.
func (s *scores) value(now time.Time, id enr.ID) float64 {
	old, ok := s.of.Get(id)
	if !ok {
		return 0
	}
	return old.points * math.Exp2(-float64(now.Sub(old.at))/float64(scoreHalf))
}

// points is what an end adds to a node's score.
func points(v p2p.Verdict, up time.Duration) float64 {
	useful := pointsUp * float64(up) / float64(upUnit)
	if v.Lost && up > 0 {
		return useful
	}
	return useful + v.Score
}
