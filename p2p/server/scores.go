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

// What the ends of connections are worth, in points.
const (
	pointsBreach  = -5.0 // it broke a rule
	pointsForeign = -3.0 // it is of no use to us, nor we to it
	pointsNetwork = -1.0 // it could not be reached, or was lost before it was of use
	pointsUp      = 1.0  // for each upUnit that it was of use
	pointsMost    = 10.0

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

// points is the table from a verdict to its worth.
func points(v p2p.Verdict, up time.Duration) float64 {
	useful := pointsUp * float64(up) / float64(upUnit)
	switch v.Reason {
	case p2p.ReasonProtocol, p2p.ReasonInvalidIdentity, p2p.ReasonUnexpectedID, p2p.ReasonSubprotocol:
		if v.Retry == 0 {
			return useful // a protocol of ours gave up
		}
		return useful + pointsBreach
	case p2p.ReasonUseless, p2p.ReasonIncompatible, p2p.ReasonSelf:
		return useful + pointsForeign
	case p2p.ReasonNetwork, p2p.ReasonTimeout:
		if up == 0 {
			return pointsNetwork
		}
	}
	return useful
}
