// SPDX-License-Identifier: Apache-2.0

package fetch

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A world is a table and what its peers can see of it. It fails the test if a peer is asked while
// it is busy, cooling down or not there, or for what it did not offer.
type world struct {
	t       *Table[uint8, uint8, uint8]
	fail    func(format string, args ...any)
	now     time.Time
	up      [4]bool
	busy    [4]bool
	failed  [4]int
	cool    [4]time.Time
	offered [4][256]bool
}

func newWorld(limit int, seed uint64, fail func(string, ...any)) *world {
	r := rules()
	r.Limit, r.PerPeer, r.AskKeys, r.Forget = limit, 12, 5, 90*time.Second
	r.Shuffle = rand.New(rand.NewPCG(seed, 2)).Shuffle
	return &world{t: New[uint8, uint8, uint8](r), fail: fail, now: time.Unix(1e9, 0)}
}

// do plays one operation, then Next.
func (w *world) do(op, p uint8, keys []byte, ms int) {
	p %= 4
	switch op % 10 {
	case 0:
		w.t.Join(p)
		if !w.up[p] {
			w.up[p], w.busy[p], w.failed[p], w.cool[p], w.offered[p] = true, false, 0, time.Time{}, [256]bool{}
		}
	case 1:
		w.t.Leave(p)
		w.up[p] = false
	case 2:
		w.offer(p, keys)
	case 3:
		for _, k := range keys {
			w.got(k)
		}
	case 4:
		for _, k := range keys {
			w.got(k)
		}
		if err := w.t.Answered(p, keys); err != nil && !w.busy[p] {
			w.fail("peer %d was asked nothing and is blamed: %v", p, err)
		} else if w.busy[p] {
			w.busy[p], w.failed[p] = false, 0
		}
	case 5:
		w.t.Failed(w.now, p)
		if w.busy[p] {
			w.busy[p] = false
			w.cool[p] = w.now.Add(min(time.Hour, 30*time.Second<<w.failed[p]))
			w.failed[p]++
		}
	case 6:
		w.t.Late(p)
		w.cool[p], w.failed[p] = time.Time{}, 0
	case 7:
		w.now = w.now.Add(time.Duration(ms) * time.Millisecond)
	case 9:
		w.t.Postpone(w.now, p)
		if w.busy[p] {
			w.busy[p], w.cool[p] = false, w.now.Add(30*time.Second)
		}
	case 8:
		for _, k := range keys {
			w.t.Ready(k)
		}
	}
	w.next()
}

func (w *world) offer(p uint8, keys []byte) {
	for _, k := range keys {
		if w.t.Offer(w.now, p, k, int(k)<<10, p) != (w.up[p] && w.tracks(p, k)) {
			w.fail("offering %d by peer %d was not what it said", k, p)
		}
		w.offered[p][k] = w.offered[p][k] || w.up[p]
	}
}

func (w *world) tracks(p, k uint8) bool {
	s, e := w.t.peers[p], w.t.keys[k]
	return s != nil && e != nil && e.offerOf(s) != nil
}

func (w *world) got(k uint8) {
	for _, o := range w.t.Got(k) {
		if o.Note != o.Peer || !w.offered[o.Peer][k] {
			w.fail("peer %d did not offer %d", o.Peer, k)
		}
	}
	if w.t.Has(k) {
		w.fail("%d is still tracked", k)
	}
}

func (w *world) next() {
	asks, due := w.t.Next(w.now)
	for _, ask := range asks {
		p := ask.Peer
		switch {
		case !w.up[p], w.busy[p], w.now.Before(w.cool[p]), len(ask.Keys) == 0:
			w.fail("peer %d is asked: up %t, busy %t, cools until %v, for %d", p, w.up[p], w.busy[p], w.cool[p], len(ask.Keys))
		}
		w.busy[p] = true
		for _, k := range ask.Keys {
			if !w.offered[p][k] {
				w.fail("peer %d is asked for %d, which it did not offer", p, k)
			}
		}
	}
	if !due.IsZero() && !due.After(w.now) {
		w.fail("due at %v, which is over at %v", due, w.now)
	}
	if err := w.t.checkInvariants(); err != nil {
		w.fail("%v", err)
	}
}

func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.IntRange(1, 30).Draw(t, "limit"), 1, t.Fatalf)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			w.do(
				rapid.Uint8Range(0, 9).Draw(t, "op"), rapid.Uint8Range(0, 3).Draw(t, "peer"),
				rapid.SliceOfN(rapid.Uint8Range(0, 40), 0, 12).Draw(t, "keys"),
				rapid.SampledFrom([]int{0, 50, 100, 450, 700, 40_000}).Draw(t, "ms"),
			)
		}
	})
}

func FuzzTable(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 1, 0, 2, 0, 3, 1, 2, 3, 2, 1, 1, 2, 7, 0, 0, 4, 0, 1, 2, 5, 1, 0})
	f.Fuzz(func(t *testing.T, ops []byte) {
		w := newWorld(20, 1, t.Fatalf)
		for len(ops) >= 3 {
			n := min(int(ops[2]%12), len(ops)-3)
			w.do(ops[0], ops[1], ops[3:3+n], int(ops[2])*10)
			ops = ops[3+n:]
		}
	})
}

func TestFaults(t *testing.T) {
	w := newWorld(20, 1, t.Fatalf)
	w.do(0, 0, nil, 0)
	w.do(2, 0, []byte{1, 2}, 0)
	w.do(7, 0, nil, 600)
	if err := w.t.Answered(0, []uint8{1, 3}); !errors.Is(err, ErrUnasked) {
		t.Error(err)
	}
	w.t.Next(w.now)
	if err := w.t.Answered(0, []uint8{2, 2}); !errors.Is(err, ErrTwice) {
		t.Error(err)
	}
}

// Allocations of the common path: what arrives without having been announced costs none, an
// announcement two (key and offer) and the key's list of offers.
func TestAllocations(t *testing.T) {
	table := New[uint64, int, struct{}](rules())
	table.Join(1)
	now := time.Unix(1e9, 0)
	var k uint64
	got := testing.AllocsPerRun(1000, func() {
		k++
		table.Got(k)
		table.Next(now)
	})
	if got > 0 {
		t.Errorf("%v allocations for a key that was not announced", got)
	}
	got = testing.AllocsPerRun(1000, func() {
		k++
		table.Offer(now, 1, k, 100, struct{}{})
		table.Got(k)
		table.Next(now)
	})
	if got > 4 {
		t.Errorf("%v allocations for an announced key", got)
	}
}

func BenchmarkTable(b *testing.B) {
	table := New[uint64, int, struct{}](rules())
	for p := range 50 {
		table.Join(p)
	}
	now := time.Unix(1e9, 0)
	var k uint64
	for b.Loop() {
		k++
		for p := range 10 {
			table.Offer(now, p, k, 100, struct{}{})
		}
		table.Got(k)
		table.Next(now)
	}
}
