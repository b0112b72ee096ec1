// SPDX-License-Identifier: Apache-2.0

package chainsync

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/holiman/uint256"
	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/eth"
)

// A simulation runs a machine with peers that answer at random, in any order, and a chain that takes what it
// gets. Blocks are named as in the scripts; those of the main branch have no letters.
type simulation struct {
	t    *rapid.T
	m    *machine[string]
	now  time.Time
	next int
	asks []*ask[string]
	jobs []job[string]
	tail uint64 // of the chain's headers
	data map[string]bool
}

func (s *simulation) step() {
	s.m.step(s.now)
	for _, d := range s.m.takeDrops() {
		_ = d // its requests end as the session does
	}
	s.asks = append(s.asks, s.m.takeAsks()...)
	s.jobs = append(s.jobs, s.m.takeJobs()...)
	if err := s.m.checkInvariants(); err != nil {
		s.t.Fatal(err)
	}
	if len(s.asks) > 64*int(works) {
		s.t.Fatalf("%d requests in flight", len(s.asks))
	}
}

func (s *simulation) join(head uint64, version int) {
	s.next++
	h := headOf(version, []string{fmt.Sprint(head)})
	s.m.onOpen(s.now, fmt.Sprint("p", s.next), info{hasRequestIDs: version >= 66, hasRange: version >= 69, hasLists: version >= 71}, h)
}

// answer ends a request: how says in which way.
func (s *simulation) answer(i int, how string) {
	a := s.asks[i]
	s.asks = slices.Delete(s.asks, i, i+1)
	var err error
	if how == "late" {
		err = eth.ErrTimeout
	} else if how == "busy" {
		err = eth.ErrBusy
	}
	if a.work != headers {
		var got []int
		for j := range a.wants {
			if how == "whole" || how == "part" && j%2 == 0 {
				got = append(got, j)
				s.data[fmt.Sprint(a.work, nameOf(a.wants[j].Hash))] = true
			}
		}
		s.m.onFilled(s.now, a, got, err)
		return
	}
	var got []header
	if err == nil && how != "none" {
		got = s.headers(&a.query, how)
	}
	s.m.onHeaders(s.now, a, got, err)
}

// top is the last block of the main branch.
const top = 3000

func (s *simulation) headers(q *query, how string) (got []header) {
	n := q.origin.Number
	suffix := ""
	if q.origin.ByHash {
		r := refOf(nameOf(q.origin.Hash))
		n = r.Number
	} else if how == "branch" && n > 100 {
		suffix = "b"
	}
	for uint64(len(got)) < q.amount && n <= top && len(got) < 192 {
		h := headerOf(fmt.Sprint(n, suffix))
		h.held = n <= s.m.local.Number && n >= s.tail && suffix == ""
		got = append(got, h)
		if q.reverse && n < q.skip+1 {
			break
		}
		if q.reverse {
			n -= q.skip + 1
		} else {
			n += q.skip + 1
		}
	}
	if how == "part" {
		got = got[:len(got)/2]
	}
	if how == "false" && len(got) > 2 {
		got[1], got[2] = got[2], got[1]
	}
	return got
}

// work does the first job, as the chain would.
func (s *simulation) work() {
	j := s.jobs[0]
	s.jobs = s.jobs[1:]
	var r result
	local := s.m.local.Number
	gap, hasGap := s.m.backward.gap, s.m.backward.hasGap
	switch j.do {
	case insert:
		first, last := refOf(nameOf(headerHash(j.raw[0]))), refOf(nameOf(headerHash(j.raw[len(j.raw)-1])))
		if first.Number > local+1 || nameOf(last.Hash) != fmt.Sprint(last.Number) {
			r.err = chain.ErrUnknownParent
		} else if !s.m.merged {
			local = max(local, last.Number)
		}
	case setHead:
		if j.ref.Number > local+1 && !s.m.merged {
			break
		}
		if j.ref.Number > local+nearHead {
			s.tail = j.ref.Number
			gap, hasGap = chain.Gap{Next: refOf(fmt.Sprint(j.ref.Number - 1)), Floor: 1}, true
		}
		local = max(local, j.ref.Number)
	case insertBack:
		if refOf(nameOf(headerHash(j.raw[0]))) != gap.Next {
			r.err = chain.ErrMoved
			break
		}
		low := refOf(nameOf(headerHash(j.raw[len(j.raw)-1]))).Number
		s.tail = low
		gap.Next = refOf(fmt.Sprint(low - 1))
		if hasGap = low > 1; !hasGap {
			s.tail = 0
		}
	case scan:
		for n := local; n > 0 && n > s.tail && len(r.parts) < scanMost; n-- {
			p := part{Ref: refOf(fmt.Sprint(n))}
			p.lacks[bodies] = !s.data[fmt.Sprint(bodies, nameOf(p.Hash))]
			p.lacks[receipts] = !s.data[fmt.Sprint(receipts, nameOf(p.Hash))]
			if n%500 < 8 && (p.lacks[bodies] || p.lacks[receipts]) {
				r.parts = append(r.parts, p)
			}
		}
	}
	h := chain.Head{Ref: refOf(fmt.Sprint(local)), TD: *uint256.NewInt(local), HasTD: true}
	s.m.onLocal(s.now, h, s.tail, gap, hasGap)
	j.take(s.now, r)
}

// With any peers, no block is requested twice at once and the requests in flight are bounded. Once there are
// honest peers, the chain is soon complete.
func TestMachineWithRandomPeers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &simulation{t: t, now: scriptEpoch, data: map[string]bool{}}
		s.m = newMachine[string](chain.Ref{Hash: hashOf("0")}, rapid.Bool().Draw(t, "believed"))
		s.m.onLocal(s.now, chain.Head{Ref: refOf("0"), HasTD: true}, 0, chain.Gap{}, false)
		believe := func(n uint64) {
			if s.m.merged {
				s.m.onBelieve(s.now, target{Ref: chain.Ref{Hash: hashOf(fmt.Sprint(n))}})
			}
		}
		ways := []string{"whole", "whole", "part", "none", "late", "busy", "branch", "false"}
		for range rapid.IntRange(0, 150).Draw(t, "steps") {
			switch rapid.IntRange(0, 7).Draw(t, "what") {
			case 0:
				s.join(uint64(rapid.IntRange(0, top).Draw(t, "head")), rapid.SampledFrom([]int{63, 66, 68, 69, 71}).Draw(t, "version")) //nolint:gosec // small
			case 1:
				if all := s.m.peers.all; len(all) > 0 {
					s.m.onClose(all[rapid.IntRange(0, len(all)-1).Draw(t, "peer")].key)
				}
			case 2:
				s.now = s.now.Add(time.Duration(rapid.IntRange(0, 12_000).Draw(t, "ms")) * time.Millisecond)
			case 3:
				believe(uint64(rapid.IntRange(1, top).Draw(t, "believed"))) //nolint:gosec // small
			case 4:
				if len(s.jobs) > 0 {
					s.work()
				}
			default:
				if len(s.asks) > 0 {
					s.answer(rapid.IntRange(0, len(s.asks)-1).Draw(t, "ask"), rapid.SampledFrom(ways).Draw(t, "way"))
				}
			}
			s.step()
		}
		for range 5 {
			s.join(top, 68)
		}
		believe(top)
		s.finish()
	})
}

// finish answers everything in full until nothing is left to do.
func (s *simulation) finish() {
	for range 3000 {
		s.step()
		switch {
		case len(s.jobs) > 0:
			s.work()
		case len(s.asks) > 0:
			s.answer(0, "whole")
		default:
			if s.m.local.Number == top && s.tail == 0 && len(s.data) == 2*48 {
				return
			}
			s.now = s.now.Add(time.Second)
		}
	}
	s.t.Fatalf("the head is %d, the tail %d, %d bodies and receipts are here; %d peers, next %+v", s.m.local.Number, s.tail, len(s.data), len(s.m.peers.all), s.m.backward.next)
}
