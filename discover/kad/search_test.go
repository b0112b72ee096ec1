// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

// asked are the questions of a search that wait for an answer.
type asked []func(now time.Time, found []Contact, err error)

func newSearch(t *testing.T, known int) (*Search, *asked) {
	table := New(epoch, Config{Choose: func(int) int { return 0 }})
	for n := range known {
		if table.OnHeard(epoch, contactAt(256-n/8, n)); table.Len() != n+1 {
			t.Fatal(n, "is not in the table")
		}
	}
	waiting := new(asked)
	return &Search{
		Table: table,
		Ask: func(_ time.Time, _ Contact, _ Target, done func(time.Time, []Contact, error)) {
			*waiting = append(*waiting, done)
		},
		Do:    func(time.Time, []Action) {},
		Found: func(time.Time, Contact) {},
	}, waiting
}

// silence ends all questions, and those that follow from that, without an answer.
func (a *asked) silence() (count int) {
	for len(*a) > 0 {
		done := (*a)[0]
		*a = (*a)[1:]
		done(epoch, nil, errors.New("timeout"))
		count++
	}
	return count
}

func TestSearchesAreBounded(t *testing.T) {
	s, waiting := newSearch(t, 1)
	ended := 0
	q := Query{Done: func(time.Time, []Contact) { ended++ }}
	const maxSearches, maxWaiting = 8, 64 // as doc.go states
	for n := range maxSearches + maxWaiting {
		if !s.Begin(epoch, q) {
			t.Fatal("no room for search", n)
		}
	}
	if s.Begin(epoch, q) || len(*waiting) != maxSearches || ended != 0 {
		t.Fatalf("room for one more; %d questions, %d have ended", len(*waiting), ended)
	}
	if n := waiting.silence(); ended != maxSearches+maxWaiting || s.running != 0 || len(s.waiting) != 0 {
		t.Errorf("%d questions, %d searches ended", n, ended)
	}
	if !s.Begin(epoch, q) {
		t.Error("no room after all have ended")
	}
}

// TestUnwantedSearch: a lookup that is not needed any longer asks no further node, and ends
// once.
func TestUnwantedSearch(t *testing.T) {
	for _, wanted := range []bool{true, false} {
		s, waiting := newSearch(t, 20)
		wants, ended := true, 0
		s.Begin(epoch, Query{Needed: func() bool { return wants }, Done: func(time.Time, []Contact) { ended++ }})
		first := len(*waiting)
		wants = wanted
		if n := waiting.silence(); (n == first) == wanted || ended != 1 || s.running != 0 {
			t.Errorf("wanted %v: %d questions after %d, ended %d times", wanted, n, first, ended)
		}
	}
}

// TestRefreshWithoutRoom: a refresh ends even where no lookup can begin.
func TestRefreshWithoutRoom(t *testing.T) {
	for _, room := range []bool{true, false} {
		s, waiting := newSearch(t, 1)
		for !room && s.Begin(epoch, Query{Done: func(time.Time, []Contact) {}}) {
			continue
		}
		s.Table.WantRefresh(epoch)
		before, ended := len(*waiting), 0
		s.Refresh(epoch, []enr.Node{contactAt(255, 1).Node}, Target{}, func() Target { return Target{} }, func(time.Time) { ended++ })
		if (ended == 0) != room || (len(*waiting) > before) != room {
			t.Errorf("room %v: %d questions, ended %d times", room, len(*waiting)-before, ended)
		}
		if waiting.silence(); ended != 1 || !s.Table.refresh.ended {
			t.Errorf("room %v: ended %d times", room, ended)
		}
	}
}

// TestSearchTellsOfThoseItBelievesIn: Found gets the nodes that answered and those they relayed; not silent ones.
func TestSearchTellsOfThoseItBelievesIn(t *testing.T) {
	s, waiting := newSearch(t, 2)
	var found, nearest []enr.ID
	s.Found = func(_ time.Time, c Contact) { found = append(found, c.ID) }
	s.Begin(epoch, Query{Target: Target{ID: contactAt(256, 0).ID}, Done: func(_ time.Time, cs []Contact) {
		for _, c := range cs {
			nearest = append(nearest, c.ID)
		}
	}})
	told := contactAt(250, 9)
	(*waiting)[0](epoch, []Contact{told}, nil)
	*waiting = (*waiting)[1:]
	waiting.silence()
	answered := contactAt(256, 0).ID
	if want := []enr.ID{answered, told.ID}; !slices.Equal(found, want) {
		t.Errorf("found %v, want %v", found, want)
	}
	if want := []enr.ID{answered}; !slices.Equal(nearest, want) {
		t.Errorf("nearest %v, want %v", nearest, want)
	}
	if _, ok := s.Table.Get(told.ID); !ok {
		t.Error("who was told of is not in the table")
	}
}

// TestRefreshLooksAround: around our own place, and three others.
func TestRefreshLooksAround(t *testing.T) {
	s, waiting := newSearch(t, 1)
	var around []enr.ID
	ask := s.Ask
	s.Ask = func(now time.Time, c Contact, target Target, done func(time.Time, []Contact, error)) {
		around = append(around, target.ID)
		ask(now, c, target, done)
	}
	own, others := enr.ID{1}, byte(1)
	random := func() Target { others++; return Target{ID: enr.ID{others}} }
	s.Table.WantRefresh(epoch)
	s.Refresh(epoch, nil, Target{ID: own}, random, func(time.Time) {})
	for len(*waiting) > 0 {
		done := (*waiting)[0]
		*waiting = (*waiting)[1:]
		done(epoch, nil, nil)
	}
	if want := []enr.ID{own, {2}, {3}, {4}}; !slices.Equal(around, want) {
		t.Errorf("around %v, want %v", around, want)
	}
}

// TestSearchPassesActionsOn: the table's actions after seeds, an answer and a refresh are carried out.
func TestSearchPassesActionsOn(t *testing.T) {
	s, waiting := newSearch(t, 1)
	done := map[Kind][]enr.ID{}
	s.Do = func(_ time.Time, actions []Action) {
		for _, a := range actions {
			done[a.Kind] = append(done[a.Kind], a.Contact.ID)
		}
	}
	seed, told := contactAt(255, 20), contactAt(254, 21)
	key, err := ecc.ParsePrivateKey(append(make([]byte, 31), 9))
	if err != nil {
		t.Fatal(err)
	}
	seed.Node.Key = key.Public()
	seed.ID = seed.Node.ID()
	s.Table.WantRefresh(epoch)
	s.Refresh(epoch, []enr.Node{seed.Node}, Target{ID: told.ID}, func() Target { return Target{} }, func(time.Time) {})
	if got := done[Added]; !slices.Equal(got, []enr.ID{seed.ID}) {
		t.Errorf("after the seeds: added %v", got)
	}
	(*waiting)[0](epoch, []Contact{told}, nil)
	*waiting = (*waiting)[1:]
	if got := done[Added]; !slices.Equal(got, []enr.ID{seed.ID, told.ID}) {
		t.Errorf("after an answer: added %v", got)
	}
	waiting.silence()
}
