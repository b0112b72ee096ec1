// SPDX-License-Identifier: Apache-2.0

package nodedb

import (
	"maps"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/enr"
)

func TestScores(t *testing.T) {
	// As p2p.Judge has them.
	breach := End{Score: -5, Retry: 10 * time.Minute}
	lost := End{Score: -1}
	full := End{Full: true}
	chain := End{Score: -5, Retry: 30 * 24 * time.Hour}
	foreign := End{Score: -3, Retry: time.Hour}
	ours := End{}
	up := func(d time.Duration) End { return End{Up: d} }
	type end struct {
		End
		wait time.Duration
	}
	for _, test := range []struct {
		name   string
		ends   []end
		points float64
	}{
		{"full is no insult", []end{{full, fullFirst}, {full, 2 * fullFirst}}, 0},
		{"full again and again", []end{
			{full, fullFirst},
			{full, 2 * fullFirst},
			{full, 4 * fullFirst},
			{full, 8 * fullFirst},
			{full, 16 * fullFirst},
			{full, fullMost},
			{full, fullMost},
		}, 0},
		{"full, then of use, then full", []end{{full, fullFirst}, {full, 2 * fullFirst}, {up(10 * time.Minute), 0}, {full, fullFirst}}, 1},
		{"of another chain", []end{{chain, 30 * 24 * time.Hour}}, -5},
		{"our own fault", []end{{ours, 0}}, 0},
		{"a breach", []end{{breach, breach.Retry}}, -5},
		{"the second breach", []end{{breach, breach.Retry}, {breach, shunTime}}, -10},
		{"of no use", []end{{foreign, foreign.Retry}}, -3},
		{"out of reach", []end{{lost, 0}, {lost, 0}}, -2},
		{"out of reach for long", []end{{lost, 0}, {lost, 0}, {lost, 0}, {lost, 0}, {lost, 0}, {lost, 0}, {lost, 0}, {lost, shunTime}}, -8},
		{"lost after it was up", []end{{up(30 * time.Minute), 0}}, 3},
		{"good for long", []end{{up(30 * time.Hour), 0}}, pointsMost},
		{"good for long, then a breach", []end{{up(30 * time.Hour), 0}, {breach, breach.Retry}}, pointsMost - 5},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, id := NewReputation(nil), enr.ID{1}
			for i, e := range test.ends {
				e.ID = id
				if wait := r.OnEnd(now, e.End); wait != e.wait {
					t.Errorf("end %d: wait %v, want %v", i, wait, e.wait)
				}
			}
			if got := r.value(now, id); got != test.points {
				t.Errorf("%v points, want %v", got, test.points)
			}
			if got := r.value(now.Add(scoreHalf), id); math.Abs(got-test.points/2) > 1e-9 {
				t.Errorf("%v points an hour later, want %v", got, test.points/2)
			}
		})
	}
}

func TestScoresAreBounded(t *testing.T) {
	r := NewReputation(nil)
	for n := range 2 * scoreTable {
		r.OnEnd(now, End{ID: enr.ID{byte(n), byte(n >> 8)}})
	}
	if n := r.Forgotten(); r.scores.Len() != scoreTable || n != scoreTable || r.Forgotten() != 0 {
		t.Errorf("%d nodes, %d forgotten", r.scores.Len(), n)
	}
}

// TestWhatIsRemembered: strangers and unreachable addresses displace no node.
func TestWhatIsRemembered(t *testing.T) {
	node := someNode(t, 1, 0)
	for _, test := range []struct {
		name  string
		up    bool
		end   *End
		known bool
		kept  bool
	}{
		{"a stranger", false, &End{Retry: time.Hour}, false, false},
		{"a dead address", false, &End{Node: node, Score: -1}, false, false},
		{"a node to be left alone", false, &End{Node: node, Retry: time.Hour}, false, true},
		{"a peer that came to us", true, nil, false, true},
		{"a peer that was of use", false, &End{Node: node, Up: time.Minute}, false, true},
		{"a peer whose address fled", false, &End{Up: time.Minute}, false, true},
		{"a dead address of a node we know", false, &End{Node: node, Score: -1, Cause: "gone"}, true, true},
	} {
		db := mustNew(t, nil)
		r, id := NewReputation(db), node.ID()
		if test.known {
			db.Update(id, func(e *Entry) { e.Node = node })
		}
		if test.up {
			r.OnUp(now, id, enr.Node{})
		}
		if test.end != nil {
			test.end.ID = id
			r.OnEnd(now, *test.end)
		} else {
			test.end = &End{}
		}
		e, kept := db.Get(id)
		if kept != test.kept {
			t.Errorf("%s: %v", test.name, kept)
		}
		if up := test.up || test.end.Up > 0; kept && (e.LastUp.IsZero() == up || e.Useful != test.end.Up || e.Cause != test.end.Cause) {
			t.Errorf("%s: %+v", test.name, e)
		}
		if test.known && (e.Node != node || e.Score != -1) {
			t.Errorf("%s: %+v", test.name, e)
		}
	}
}

// TestVerdictsOfAnotherChain: judgements under a wrong --chain have no effect on the right one, and the
// reverse, also after a restart.
func TestVerdictsOfAnotherChain(t *testing.T) {
	disk := newMemory()
	here, there := Context{NetworkID: 1, Genesis: [32]byte{1}}, Context{NetworkID: 1, Genesis: [32]byte{2}}
	ours, theirs := someNode(t, 1, 0), someNode(t, 2, 0)
	open := func(c Context) (*DB, *Reputation) {
		db := mustNew(t, disk)
		db.SetContext(c)
		return db, NewReputation(db)
	}
	cooldowns := func(r *Reputation, after time.Duration) map[enr.ID]time.Duration {
		return maps.Collect(r.Cooldowns(now.Add(after)))
	}
	write := func(db *DB) {
		if _, err := db.write(); err != nil {
			t.Fatal(err)
		}
	}

	db, r := open(there) // by mistake
	r.OnUp(now, theirs.ID(), theirs)
	r.OnEnd(now, End{ID: theirs.ID(), Node: theirs, Up: time.Hour})
	r.OnEnd(now, End{ID: ours.ID(), Node: ours, Score: -10, Retry: 30 * 24 * time.Hour})
	if waits := cooldowns(r, time.Hour); len(waits) != 1 || waits[ours.ID()] != (30*24-1)*time.Hour {
		t.Errorf("on the wrong chain: %v", waits)
	}
	write(db)

	db, r = open(here)
	if waits := cooldowns(r, 0); len(waits) != 0 || r.value(now, ours.ID()) != 0 {
		t.Errorf("on the right chain: %v, %v points", waits, r.value(now, ours.ID()))
	}
	if good := db.Good(now, 9); len(good) != 0 {
		t.Errorf("a peer of another chain is called good: %v", good)
	}
	r.OnUp(now, ours.ID(), enr.Node{})
	if e, _ := db.Get(ours.ID()); e.Context != here || e.Node != ours || !e.NotBefore.IsZero() || e.Score != 0 || e.Cause != "" {
		t.Errorf("what was learned there is left: %+v", e)
	}
	write(db)

	db, _ = open(here)
	if good := db.Good(now, 9); len(good) != 1 || good[0].ID() != ours.ID() {
		t.Errorf("good ones after a restart: %v", good)
	}
	if db, _ = open(there); len(db.Good(now, 9)) != 1 || db.Good(now, 9)[0].ID() != theirs.ID() {
		t.Errorf("good ones there: %v", db.Good(now, 9))
	}
}

// TestWaitOfAWrongClock: a wait that is read is never longer than the longest that is written.
func TestWaitOfAWrongClock(t *testing.T) {
	db, id := mustNew(t, nil), enr.ID{1}
	db.Update(id, func(e *Entry) { e.NotBefore = now.Add(70 * 365 * 24 * time.Hour) })
	if waits := maps.Collect(NewReputation(db).Cooldowns(now)); waits[id] != waitMost {
		t.Errorf("%v", waits)
	}
}

// TestReputationStaysInBounds: after any ends, points and waits are within their bounds, a wait is never
// shorter than the end states, and a restart finds the same.
func TestReputationStaysInBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		db := mustNew(t, nil)
		db.SetContext(Context{NetworkID: 7})
		r, at, node := NewReputation(db), now, someNode(t, 1, 0)
		for range rapid.IntRange(1, 30).Draw(t, "ends") {
			at = at.Add(time.Duration(rapid.IntRange(0, 7200).Draw(t, "seconds")) * time.Second)
			e := End{
				ID: node.ID(), Node: node, Score: -float64(rapid.IntRange(0, 5).Draw(t, "score")), Full: rapid.Bool().Draw(t, "full"),
				Retry: time.Duration(rapid.IntRange(0, 3).Draw(t, "retry")) * 10 * time.Minute,
				Up:    time.Duration(rapid.IntRange(0, 100).Draw(t, "up")) * time.Minute,
			}
			wait := r.OnEnd(at, e)
			points := r.value(at, e.ID)
			switch {
			case points < -2*pointsMost || points > pointsMost:
				t.Fatalf("%v points", points)
			case !e.Full && wait < e.Retry, points <= scoreShun && wait < shunTime, wait > shunTime:
				t.Fatalf("%+v with %v points: wait %v", e, points, wait)
			}
			known, ok := db.Get(e.ID)
			if again := NewReputation(db); ok && (again.value(at, e.ID) != known.Score || known.Score != points) {
				t.Fatalf("%v points after a restart, %v before", again.value(at, e.ID), points)
			}
			if waits := maps.Collect(r.Cooldowns(at)); ok && waits[e.ID] != wait {
				t.Fatalf("waits %v after a restart, %v before", waits, wait)
			}
		}
	})
}

// TestJudged: the score fades, and what was learned on another network is left out.
func TestJudged(t *testing.T) {
	db, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	here, id := Context{NetworkID: 1}, enr.ID{1}
	db.SetContext(here)
	NewReputation(db).OnEnd(now, End{ID: id, Up: 40 * time.Minute, Cause: "too many peers"})
	if points, cause := db.Judged(now.Add(scoreHalf), id); points != 2 || cause != "too many peers" {
		t.Errorf("%v points, %q", points, cause)
	}
	if points, cause := db.Judged(now, enr.ID{2}); points != 0 || cause != "" {
		t.Errorf("of a stranger: %v points, %q", points, cause)
	}
	db.SetContext(Context{NetworkID: 2})
	if points, cause := db.Judged(now, id); points != 0 || cause != "" {
		t.Errorf("on another network: %v points, %q", points, cause)
	}
}
