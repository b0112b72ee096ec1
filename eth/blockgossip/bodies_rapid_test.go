// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/types"
)

// TestBodiesAnyOrder sends events in any order, with answers that fit and others. A peer has one
// request in flight, is asked only while it is up, and each block is done once; in the end all are.
func TestBodiesAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := epoch
		s := newBodies[int](func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "choice") })
		up, asked := map[int]bool{}, map[int][]types.Hash{}
		wanted, told := map[string]bool{}, map[string]bool{}
		peers := rapid.IntRange(1, 4)
		names := rapid.Custom(func(t *rapid.T) string { return fmt.Sprint(rapid.IntRange(1, 99).Draw(t, "block")) })
		finish := func() time.Time {
			asks, next := s.next(now)
			for _, a := range asks {
				if !up[a.peer] || asked[a.peer] != nil || len(a.hashes) == 0 {
					t.Fatalf("asks %d for %d; up %v, being asked for %d", a.peer, len(a.hashes), up[a.peer], len(asked[a.peer]))
				}
				asked[a.peer] = a.hashes
			}
			for _, d := range s.takeDone() {
				n := name(d.Hash)
				if told[n] || !wanted[n] || d.body != nil && d.body.roots != d.Roots {
					t.Fatalf("block %s is done again, unwanted or with another body", n)
				}
				told[n] = true
			}
			if err := s.checkInvariants(); err != nil {
				t.Fatal(err)
			}
			if !next.IsZero() && !next.After(now) {
				t.Fatalf("next is %v ago", now.Sub(next))
			}
			return next
		}
		fit := func(p int) (got []body) {
			for _, h := range asked[p] {
				if rapid.IntRange(0, 3).Draw(t, "held") > 0 {
					got = append(got, bodyOf(name(h)))
				}
			}
			return got
		}
		leave := func(p int) {
			up[p], asked[p] = false, nil
			s.leave(now, p)
		}
		t.Repeat(map[string]func(*rapid.T){
			"join": func(t *rapid.T) {
				if p := peers.Draw(t, "peer"); !up[p] {
					up[p], asked[p] = true, nil
					s.join(p, rapid.Bool().Draw(t, "ids"))
				}
			},
			"leave": func(t *rapid.T) { leave(peers.Draw(t, "peer")) },
			"want": func(t *rapid.T) {
				n := names.Draw(t, "block")
				if !wanted[n] {
					wanted[n] = true
					s.want(block{Link: linkOf(n)}, rapid.SliceOfN(peers, 1, 3).Draw(t, "have"))
				}
			},
			"have":  func(t *rapid.T) { s.mayHave(linkOf(names.Draw(t, "block")).Hash, peers.Draw(t, "peer")) },
			"whole": func(t *rapid.T) { n := names.Draw(t, "block"); s.arrived(linkOf(n).Hash, bodyOf(n)) },
			"answer": func(t *rapid.T) {
				p := peers.Draw(t, "peer")
				got := fit(p)
				asked[p] = nil
				if rapid.IntRange(0, 9).Draw(t, "wrong") == 0 {
					got = append(got, bodyOf(names.Draw(t, "block")))
				}
				if s.answered(now, p, got) != nil {
					leave(p)
				}
			},
			"fail": func(t *rapid.T) {
				p := peers.Draw(t, "peer")
				asked[p] = nil
				s.failed(now, p)
			},
			"busy": func(t *rapid.T) {
				p := peers.Draw(t, "peer")
				asked[p] = nil
				s.busy(now, p)
			},
			"time": func(*rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(0, 2000).Draw(t, "ms")) * time.Millisecond)
			},
			"": func(*rapid.T) { finish() },
		})
		if !up[1] {
			asked[1] = nil
			s.join(1, true)
			up[1] = true
		}
		for range 100 { // all answer at last: nothing is left
			for p := 1; p <= 4; p++ {
				var got []body
				for _, h := range asked[p] {
					got = append(got, bodyOf(name(h)))
				}
				asked[p] = nil
				if err := s.answered(now, p, got); err != nil {
					t.Fatal(err)
				}
			}
			if next := finish(); !next.IsZero() {
				now = next
			}
		}
		if len(s.wants) > 0 {
			t.Fatalf("%d are wanted for ever", len(s.wants))
		}
	})
}

// A peer that leaves while it is busy may have been the last one to try: those that were asked in vain
// are asked again.
func TestLastPeerToTryLeaves(t *testing.T) {
	s, now := newBodies[int](func(int) int { return 0 }), epoch
	s.join(1, false)
	s.join(2, false)
	s.want(block{Link: linkOf("1")}, []int{1})
	asks := func(want ...int) {
		t.Helper()
		all, _ := s.next(now)
		var got []int
		for _, a := range all {
			got = append(got, a.peer)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("asks peers %v, want %v", got, want)
		}
	}
	asks(1)
	s.failed(now, 1)
	asks(2)
	s.busy(now, 2)
	s.leave(now, 2)
	asks()
	now = now.Add(retryAfter)
	asks(1)
}

// Where 256 peers have one block each, a second one of any of them has no room.
func TestEqualSharesKeepTheirPlace(t *testing.T) {
	s := newBodies[int](func(int) int { return 0 })
	for p := range maxWants {
		s.join(p, true)
		s.want(block{Link: linkOf(fmt.Sprint(p + 1))}, []int{p})
	}
	second := linkOf("9999")
	s.want(block{Link: second}, []int{0})
	if d := s.takeDone(); len(d) != 1 || d[0].Hash != second.Hash || d[0].body != nil || s.lost != 1 {
		t.Errorf("%d done, %d lost", len(d), s.lost)
	}
	s.join(maxWants, true)
	s.want(block{Link: second}, []int{maxWants})
	if d := s.takeDone(); len(d) != 1 || d[0].Number != 1 || s.lost != 2 {
		t.Errorf("%d done, %d lost; the oldest goes for a peer that has none", len(d), s.lost)
	}
}
