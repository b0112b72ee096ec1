// SPDX-License-Identifier: Apache-2.0

package event

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/types"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestTallyCountsWhatWasRecorded(t *testing.T) {
	a, b := Source{Peer: enr.ID{1}}, Source{Peer: enr.ID{2}}
	head := Head{Number: 7, Hash: types.Hash{7}, By: HeadByPeers, Supporters: 2}
	var tally Tally
	for _, e := range []Event{
		Peer{Source: a, Change: PeerUp},
		Peer{Source: b, Change: PeerUp},
		Peer{Change: PeerFailed},
		Tx{Source: a},
		Tx{Source: a, Body: &TxBody{}},
		Tx{Source: b, Update: true, Body: &TxBody{}},
		Sighting{},
		Sighting{},
		Sighting{},
		Block{Number: 6},
		Block{Number: 7},
		Head{Number: 6},
		head,
		Loss{Where: "output", Count: 3},
		Loss{Where: "inbox", Count: 1},
		Loss{Where: "output", Count: 4},
		Peer{Source: a, Change: PeerDown},
		Peer{Source: a, Change: PeerUp},
		Peer{Source: a, Change: PeerDown},
	} {
		tally.Count(e)
	}
	now := start.Add(time.Minute)
	want := Summary{
		At: At{now}, Uptime: time.Minute,
		Connected: 1, Peers: 2, Up: 3, Down: 2, Failed: 1,
		Txs: 2, Bodies: 2, Sightings: 3, Blocks: 2, Head: head,
		Lost: []Lost{{"output", 7}, {"inbox", 1}},
	}
	got := tally.Summary(start, now)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
	got.Lost[0].Count = 0
	if again := tally.Summary(start, now); again.Lost[0].Count != 7 {
		t.Error("the summary shares its losses with the tally")
	}
}

func TestTallyIsBounded(t *testing.T) {
	var tally Tally
	for i := range maxNodes + 10 {
		tally.Count(Peer{Source: Source{Peer: enr.ID{byte(i), byte(i >> 8), byte(i >> 16)}}, Change: PeerUp})
	}
	for i := range maxSites + 10 {
		tally.Count(Loss{Where: fmt.Sprint("site ", i), Count: 2})
	}
	tally.Count(Loss{Where: "site 0", Count: 5}) // is listed, though the list is full
	s := tally.Summary(start, start)
	if s.Peers != maxNodes || s.Up != maxNodes+10 {
		t.Errorf("peers %d, up %d; want %d, %d", s.Peers, s.Up, maxNodes, maxNodes+10)
	}
	if n := len(s.Lost); n != maxSites+1 {
		t.Fatalf("%d sites, want %d and one more for the rest", n, maxSites)
	}
	if first := s.Lost[0]; first != (Lost{"site 0", 7}) {
		t.Errorf("the first is %v, want 7", first)
	}
	if rest := s.Lost[maxSites]; rest != (Lost{otherSite, 20}) {
		t.Errorf("the rest is %v, want 20 under %q", rest, otherSite)
	}
}

func TestTallyAllocatesOnlyForWhatIsNew(t *testing.T) {
	var tally Tally
	events := []Event{Tx{}, Sighting{}, Block{}, Head{}, Peer{Change: PeerUp}, Peer{Change: PeerDown}, Loss{Where: "output", Count: 1}}
	count := func() {
		for _, e := range events {
			tally.Count(e)
		}
	}
	count()
	if n := testing.AllocsPerRun(100, count); n != 0 {
		t.Errorf("%v allocations for known nodes and sites, want 0", n)
	}
}

func TestRecorder(t *testing.T) {
	var none Recorder
	none.Record(Tx{}) // and does nothing
	var got []Event
	some := Recorder(func(e Event) { got = append(got, e) })
	some.Record(Block{Number: 1})
	if diff := cmp.Diff([]Event{Block{Number: 1}}, got); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
}

// A story of two nodes that the operator named, in seconds from the start.
func TestSummarySaysHowLongANamedNodeWasAway(t *testing.T) {
	a, b, other := Source{Peer: enr.ID{1}}, Source{Peer: enr.ID{2}}, Source{Peer: enr.ID{3}}
	var tally Tally
	at := func(s int) At { return At{start.Add(time.Duration(s) * time.Second)} }
	away := func(s int) (all []string) {
		for _, x := range tally.Summary(start, at(s).Time).Away {
			all = append(all, fmt.Sprintf("%d %v", x.Peer[0], x.For))
		}
		return all
	}
	for _, step := range []struct {
		at   int
		e    Peer
		want []string // a second later
	}{
		{1, Peer{Source: other, Change: PeerUp}, nil},
		{1, Peer{Change: PeerFailed, Static: true}, nil}, // without an ID
		{5, Peer{Source: a, Change: PeerFailed, Static: true, Lasted: 4 * time.Second}, []string{"1 5s"}},
		{10, Peer{Source: a, Change: PeerUp, Static: true}, []string{"1 9s"}},
		{20, Peer{Source: a, Change: PeerUp, Static: true}, []string{"1 9s"}},   // a second connection
		{30, Peer{Source: a, Change: PeerDown, Static: true}, []string{"1 9s"}}, // one of two
		{40, Peer{Source: a, Change: PeerDown, Static: true}, []string{"1 10s"}},
		{40, Peer{Source: a, Change: PeerDown, Static: true}, []string{"1 10s"}}, // one that nothing began
		{50, Peer{Source: b, Change: PeerDown, Static: true, Lasted: time.Second}, []string{"1 20s", "2 2s"}},
		{60, Peer{Source: a, Change: PeerUp, Static: true}, []string{"1 29s", "2 12s"}},
		{70, Peer{Source: a, Change: PeerFailed, Static: true}, []string{"1 29s", "2 22s"}},
		{80, Peer{Source: b, Change: PeerUp, Static: true}, []string{"1 29s", "2 31s"}},
	} {
		step.e.At = at(step.at)
		tally.Count(step.e)
		if diff := cmp.Diff(step.want, away(step.at+1)); diff != "" {
			t.Errorf("after %d s (-want +got):\n%s", step.at, diff)
		}
	}
	if got, want := away(0), []string{"1 0s", "2 0s"}; !cmp.Equal(got, want) {
		t.Errorf("of a clock that ran backwards: %v, want %v", got, want)
	}
}

// The end of the program ends all sessions, a little before the summary is made. The nodes were
// there until then.
func TestNamedNodeIsNotAwayWhenWeQuit(t *testing.T) {
	ours := Peer{Source: Source{Peer: enr.ID{1}}, Change: PeerDown, Static: true, By: ByUs, Reason: "client quitting"}
	theirs := ours
	theirs.By = ByThem
	again := ours
	again.Change = PeerFailed
	for _, test := range []struct {
		name string
		ends []Peer
		want time.Duration
	}{
		{"we quit", []Peer{ours}, 0},
		{"they quit", []Peer{theirs}, 10 * time.Second},
		{"a protocol ended it, and we dial again", []Peer{ours, again}, 10 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			var tally Tally
			for i, e := range append([]Peer{{Source: ours.Source, Change: PeerUp, Static: true}}, test.ends...) {
				e.At = At{start.Add(time.Duration(min(i, 1)) * time.Minute)}
				tally.Count(e)
			}
			if got := tally.Summary(start, start.Add(time.Minute+10*time.Second)).Away[0].For; got != test.want {
				t.Errorf("away for %v, want %v", got, test.want)
			}
		})
	}
}

func TestNamedNodesAreBounded(t *testing.T) {
	var tally Tally
	for i := range maxNamed + 10 {
		tally.Count(Peer{Source: Source{Peer: enr.ID{1, byte(i), byte(i >> 8)}}, Change: PeerUp, Static: true})
	}
	if n := len(tally.Summary(start, start).Away); n != maxNamed {
		t.Errorf("%d named nodes, want %d", n, maxNamed)
	}
}
