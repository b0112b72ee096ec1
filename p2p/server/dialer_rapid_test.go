// SPDX-License-Identifier: Apache-2.0

package server

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/enr"
)

// With fewer slots than nodes, unreachable nodes must not keep the others from being dialled.
func TestEveryNodeGetsItsDial(t *testing.T) {
	now := time.Unix(1000, 0)
	d := dialerOf(t)
	d.maxActive = 1
	for n := byte(1); n <= 10; n++ {
		if err := d.add(now, nodeAt(t, n, "8.8.8.8")); err != nil {
			t.Fatal(err)
		}
	}
	dialled := map[enr.ID]int{}
	for range 20 {
		due := d.due(now)
		if len(due) != 1 {
			t.Fatalf("%d are due for one slot", len(due))
		}
		dialled[due[0].node.ID()]++
		now = now.Add(dialTimeout)
		d.ended(now, due[0], 0)
	}
	if len(dialled) != 10 {
		t.Errorf("of 10 nodes %d were dialled", len(dialled))
	}
}

// Two nodes that dial each other at the same time refuse each other's connection because of their own. They
// must not repeat that for ever.
func TestNodesThatDialEachOtherGetOutOfStep(t *testing.T) {
	for _, wait := range []time.Duration{0, time.Hour} {
		now := time.Unix(1000, 0)
		a, b := nodeAt(t, 1, "8.8.8.8"), nodeAt(t, 2, "8.8.8.8")
		ofA, ofB := dialerOf(t, b), dialerOf(t, a)
		ofA.self, ofB.self = a.ID(), b.ID()
		ofA.ended(now, ofA.due(now)[0], wait)
		ofB.ended(now, ofB.due(now)[0], wait)
		ofAs := ofA.deadline(now)
		ofBs := ofB.deadline(now)
		if apart := ofAs.Sub(ofBs).Abs(); apart != redialOffset {
			t.Errorf("they dial again %v apart", apart)
		}
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// TestDialerKeepsItsBooks lets nodes be added and removed, and dials begin, succeed, fail
// and end, in any order.
func TestDialerKeepsItsBooks(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var nodes []enr.Node
		for n := range byte(6) {
			nodes = append(nodes, nodeAt(t, n+1, "8.8.8.8"))
		}
		d := newDialer(dialRules{
			self:  nodeAt(t, 9, "127.0.0.1").ID(),
			limit: rapid.IntRange(0, 4).Draw(rt, "limit"), maxActive: rapid.IntRange(1, 4).Draw(rt, "most"),
		})
		now := time.Unix(1000, 0)
		var dialling, connected []*task
		static := map[enr.ID]bool{}
		lastDial, notBefore := map[enr.ID]time.Time{}, map[enr.ID]time.Time{}
		other := map[enr.ID]bool{} // came to us
		d.skip = func(id enr.ID) bool { return other[id] }

		slots := func() int { return min(2*(d.limit-len(connected)), d.maxActive) - len(dialling) }
		began := func(t *rapid.T, one *task) {
			id := one.node.ID()
			switch {
			case other[id]:
				t.Fatal("a connected node is dialled")
			case slots() <= 0:
				t.Fatal("a dial without a slot")
			case slices.Contains(dialling, one) || slices.Contains(connected, one):
				t.Fatal("a node is dialled twice at once")
			case now.Before(notBefore[id]):
				t.Fatalf("a node is dialled %v too soon", notBefore[id].Sub(now))
			}
			dialling = append(dialling, one)
			lastDial[id], notBefore[id] = now, now.Add(redialAfter)
		}
		due := func(t *rapid.T) {
			for _, one := range d.due(now) {
				if !static[one.node.ID()] {
					t.Fatal("not static, or not any more")
				}
				began(t, one)
			}
			if len(d.due(now)) > 0 {
				t.Fatal("due had more to say")
			}
		}
		end := func(from *[]*task, t *rapid.T) {
			if len(*from) == 0 {
				t.Skip("none")
			}
			i := rapid.IntRange(0, len(*from)-1).Draw(t, "which")
			one := (*from)[i]
			id := one.node.ID()
			*from = slices.Delete(*from, i, i+1)
			wait := rapid.SampledFrom([]time.Duration{0, time.Minute, time.Hour}).Draw(t, "wait")
			d.ended(now, one, wait)
			if static[id] {
				wait = min(wait, redialMost)
			}
			if until := now.Add(wait); until.After(notBefore[id]) {
				notBefore[id] = until
			}
		}
		node := rapid.SampledFrom(nodes)
		rt.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				one := node.Draw(t, "node")
				if soon := latest(now, lastDial[one.ID()].Add(redialAfter)); !static[one.ID()] && notBefore[one.ID()].After(soon) {
					notBefore[one.ID()] = soon
				}
				static[one.ID()] = true
				if err := d.add(now, one); err != nil {
					t.Fatal(err)
				}
			},
			"remove": func(t *rapid.T) {
				one := node.Draw(t, "node")
				delete(static, one.ID())
				d.remove(one.ID())
			},
			"due": due,
			"candidate": func(t *rapid.T) {
				due(t) // static nodes come first
				if !d.wants(now) {
					t.Skip("not wanted")
				}
				if one, err := d.onCandidate(now, node.Draw(t, "node")); err == nil {
					began(t, one)
				}
			},
			"time": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "seconds")) * time.Second)
			},
			"connected": func(t *rapid.T) {
				if len(dialling) == 0 {
					t.Skip("none")
				}
				d.onConnected(dialling[0])
				connected = append(connected, dialling[0])
				dialling = dialling[1:]
			},
			"failed": func(t *rapid.T) { end(&dialling, t) },
			"over":   func(t *rapid.T) { end(&connected, t) },
			"came or went": func(t *rapid.T) {
				id := node.Draw(t, "node").ID()
				other[id] = !other[id]
			},
			"": func(t *rapid.T) {
				if d.active != len(dialling) || d.peers != len(connected) || len(d.busy) != len(dialling)+len(connected) || len(d.static) != len(static) {
					t.Fatalf("%d active, %d peers, %d busy, %d static: want %d, %d and %d",
						d.active, d.peers, len(d.busy), len(d.static), len(dialling), len(connected), len(static))
				}
				if at := d.deadline(now); !at.IsZero() && (slots() <= 0 || !at.After(now)) {
					t.Fatalf("deadline %v with %d slots", at.Sub(now), slots())
				}
			},
		})
	})
}
