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
	for i := range maxPlaces + 10 {
		tally.Count(Loss{Where: fmt.Sprint("place ", i), Count: 2})
	}
	s := tally.Summary(start, start)
	if s.Peers != maxNodes || s.Up != maxNodes+10 {
		t.Errorf("peers %d, up %d; want %d, %d", s.Peers, s.Up, maxNodes, maxNodes+10)
	}
	if n := len(s.Lost); n != maxPlaces+1 {
		t.Fatalf("%d places, want %d and one more for the rest", n, maxPlaces)
	}
	if rest := s.Lost[maxPlaces]; rest != (Lost{otherLost, 20}) {
		t.Errorf("the rest is %v, want 20 under %q", rest, otherLost)
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
		t.Errorf("%v allocations for known nodes and places, want 0", n)
	}
}

func TestNilRecorderTakesEvents(*testing.T) {
	var r Recorder
	r.Record(Tx{})
}

func TestKindsAreDistinct(t *testing.T) {
	events := []Event{Tx{}, Sighting{}, Block{}, Head{}, Peer{}, Loss{}, Summary{}}
	seen := map[Kind]bool{}
	for _, e := range events {
		if k := e.Kind(); k == "" || seen[k] {
			t.Errorf("%T: kind %q is empty or taken", e, k)
		}
		seen[e.Kind()] = true
		if !e.When().IsZero() {
			t.Errorf("%T: the zero event has a time", e)
		}
	}
}
