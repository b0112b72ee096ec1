// SPDX-License-Identifier: Apache-2.0

package server

import (
	"errors"
	"math"
	"os"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/p2p"
)

func TestScores(t *testing.T) {
	breach := p2p.Judge(p2p.Breach("it lied"))
	lost := p2p.Judge(os.ErrDeadlineExceeded)
	full := p2p.Judge(&p2p.RemoteClose{Reason: p2p.ReasonTooManyPeers})
	chain := p2p.Judge(p2p.Foreign("another genesis"))
	foreign := p2p.Judge(&p2p.RemoteClose{Reason: p2p.ReasonUseless})
	ours := p2p.Judge(errors.New("our protocol gave up"))
	type end struct {
		v    p2p.Verdict
		up   time.Duration
		wait time.Duration
	}
	for _, test := range []struct {
		name   string
		ends   []end
		points float64
	}{
		{"full is no insult", []end{{full, 0, 2 * redialAfter}, {full, 0, 4 * redialAfter}}, 0},
		{"full again and again", []end{
			{full, 0, 2 * redialAfter},
			{full, 0, 4 * redialAfter},
			{full, 0, 8 * redialAfter},
			{full, 0, 16 * redialAfter},
			{full, 0, 32 * redialAfter},
			{full, 0, fullMost},
			{full, 0, fullMost},
		}, 0},
		{"full, then of use, then full", []end{{full, 0, 2 * redialAfter}, {full, 0, 4 * redialAfter}, {full, 10 * time.Minute, 0}, {full, 0, 2 * redialAfter}}, 1},
		{"of another chain", []end{{chain, 0, 30 * 24 * time.Hour}}, -5},
		{"our own fault", []end{{ours, 0, 0}}, 0},
		{"a breach", []end{{breach, 0, breach.Retry}}, -5},
		{"the second breach", []end{{breach, 0, breach.Retry}, {breach, 0, shunTime}}, -10},
		{"of no use", []end{{foreign, 0, foreign.Retry}}, -3},
		{"out of reach", []end{{lost, 0, 0}, {lost, 0, 0}}, -2},
		{"out of reach for long", []end{{lost, 0, 0}, {lost, 0, 0}, {lost, 0, 0}, {lost, 0, 0}, {lost, 0, 0}, {lost, 0, 0}, {lost, 0, 0}, {lost, 0, shunTime}}, -8},
		{"lost after it was up", []end{{lost, 30 * time.Minute, 0}}, 3},
		{"good for long", []end{{lost, 30 * time.Hour, 0}}, pointsMost},
		{"good for long, then a breach", []end{{lost, 30 * time.Hour, 0}, {breach, 0, breach.Retry}}, pointsMost - 5},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, now, id := newScores(), time.Unix(1000, 0), enr.ID{1}
			for i, e := range test.ends {
				if wait := s.onEnd(now, id, e.v, e.up); wait != e.wait {
					t.Errorf("end %d: wait %v, want %v", i, wait, e.wait)
				}
			}
			if got := s.value(now, id); got != test.points {
				t.Errorf("%v points, want %v", got, test.points)
			}
			if got := s.value(now.Add(scoreHalf), id); math.Abs(got-test.points/2) > 1e-9 {
				t.Errorf("%v points an hour later, want %v", got, test.points/2)
			}
		})
	}
}

func TestScoresAreBounded(t *testing.T) {
	s, now := newScores(), time.Unix(1000, 0)
	for n := range 2 * scoreTable {
		s.onEnd(now, enr.ID{byte(n), byte(n >> 8)}, p2p.Verdict{}, 0)
	}
	if s.of.Len() != scoreTable {
		t.Errorf("%d nodes", s.of.Len())
	}
}
