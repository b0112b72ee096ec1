// SPDX-License-Identifier: Apache-2.0

package observer

import (
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/interop/network"
)

func TestUnchanged(t *testing.T) {
	us := network.Connection{ID: "us", Local: "1", Remote: "2", Eth: 68}
	again, other, shaking := us, us, us
	again.Local = "3"
	other.ID = "other"
	shaking.Eth = 0
	polls := func(sets ...[]network.Connection) []Poll {
		var ps []Poll
		for _, s := range sets {
			ps = append(ps, Poll{Connections: s})
		}
		return ps
	}
	type set = []network.Connection
	for _, c := range []struct {
		name  string
		polls []Poll
		want  string // part of the error; empty = none
	}{
		{"one, always", polls(set{us, other}, set{other, us}), ""},
		{"never asked", nil, "no polls"},
		{"gone", polls(set{us}, set{other}), "poll 2 of 2: 0 connections"},
		{"two", polls(set{us, again}), "2 connections"},
		{"came back", polls(set{us}, set{again}), "was"},
		{"still shaking hands", polls(set{shaking}), "eth/0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := Unchanged(c.polls, "us", 68, false)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want %q", err, c.want)
			}
		})
	}
	if err := Unchanged(polls(set{us}), "us", 68, true); err == nil {
		t.Error("wrong direction passes")
	}
}

func TestSpread(t *testing.T) {
	s := SpreadOf([]time.Duration{3 * time.Millisecond, time.Millisecond, -2 * time.Millisecond})
	if want := "median 1 ms, 95% 3 ms, max 3 ms (of 3)"; s.String() != want {
		t.Errorf("spread is %s, want %s", s, want)
	}
	if SpreadOf(nil) != (Spread{}) {
		t.Error("a spread of nothing")
	}
}
