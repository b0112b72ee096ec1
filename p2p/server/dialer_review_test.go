// SPDX-License-Identifier: Apache-2.0

package server

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/enr"
)

// With fewer slots than nodes, those that cannot be reached must not keep others from
// being dialled at all.
func TestEveryNodeGetsItsDial(t *testing.T) {
	now := time.Unix(1000, 0)
	var nodes []enr.Node
	for n := byte(1); n <= 10; n++ {
		nodes = append(nodes, nodeAt(t, n, "8.8.8.8"))
	}
	d := newDialer(enr.ID{}, nodes, 1)
	dialled := map[enr.ID]int{}
	for range 20 {
		due := d.due(now, nobody)
		if len(due) != 1 {
			t.Fatalf("%d are due for one slot", len(due))
		}
		dialled[due[0].node.ID()]++
		now = now.Add(dialTimeout)
		d.onEnd(now, due[0], false, false, 0)
	}
	if len(dialled) != len(nodes) {
		t.Errorf("of %d nodes %d were dialled", len(nodes), len(dialled))
	}
}

// Two nodes that dial each other at the same time refuse each other's connection, each
// because of its own. They must not meet again like this for ever.
func TestNodesThatDialEachOtherGetOutOfStep(t *testing.T) {
	for _, ip := range []string{"127.0.0.1", "8.8.8.8"} {
		for _, retry := range []time.Duration{0, time.Hour} {
			now := time.Unix(1000, 0)
			a, b := nodeAt(t, 1, ip), nodeAt(t, 2, ip)
			ofA, ofB := newDialer(a.ID(), []enr.Node{b}, 1), newDialer(b.ID(), []enr.Node{a}, 1)
			ofA.onEnd(now, ofA.due(now, nobody)[0], false, false, retry)
			ofB.onEnd(now, ofB.due(now, nobody)[0], false, false, retry)
			ofAs, _ := ofA.deadline()
			ofBs, _ := ofB.deadline()
			if apart := ofAs.Sub(ofBs).Abs(); apart != redialOffset {
				t.Errorf("%s: they dial again %v apart", ip, apart)
			}
		}
	}
}

// TestDialerKeepsItsBooks lets dials begin, succeed, fail and end in any order.
func TestDialerKeepsItsBooks(t *testing.T) {
	ips := []string{"127.0.0.1", "8.8.8.8", "10.0.0.1"}
	rapid.Check(t, func(rt *rapid.T) {
		var nodes []enr.Node
		for n := range rapid.IntRange(1, 6).Draw(rt, "nodes") {
			nodes = append(nodes, nodeAt(t, byte(n+1), ips[n%len(ips)]))
		}
		slots := rapid.IntRange(1, 4).Draw(rt, "slots")
		d := newDialer(nodeAt(t, 9, "127.0.0.1").ID(), nodes, slots)
		now := time.Unix(1000, 0)
		var dialling, connected []*task
		notBefore := map[*task]time.Time{}
		other := map[enr.ID]bool{} // came to us

		end := func(from *[]*task, t *rapid.T, handshaken bool) {
			if len(*from) == 0 {
				t.Skip("none")
			}
			i := rapid.IntRange(0, len(*from)-1).Draw(t, "which")
			one := (*from)[i]
			*from = slices.Delete(*from, i, i+1)
			up := handshaken && rapid.Bool().Draw(t, "up")
			retry := rapid.SampledFrom([]time.Duration{0, time.Minute, time.Hour}).Draw(t, "retry")
			d.onEnd(now, one, handshaken, up, retry)
			wait := min(max(redialLocal, retry), redialMost)
			if !local(one.node.IP) {
				wait = min(max(redialWAN, retry), redialMost)
			}
			notBefore[one] = now.Add(wait)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"due": func(t *rapid.T) {
				for _, one := range d.due(now, func(id enr.ID) bool { return other[id] }) {
					switch {
					case other[one.node.ID()]:
						t.Fatal("a connected node is dialled")
					case slices.Contains(dialling, one) || slices.Contains(connected, one):
						t.Fatal("a node is dialled twice at once")
					case now.Before(notBefore[one]):
						t.Fatalf("a node is dialled %v too soon", notBefore[one].Sub(now))
					}
					dialling = append(dialling, one)
				}
				if at, ok := d.deadline(); ok && !at.After(now) {
					t.Fatal("due had more to say")
				}
			},
			"time": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "seconds")) * time.Second)
			},
			"handshaken": func(t *rapid.T) {
				if len(dialling) == 0 {
					t.Skip("none")
				}
				d.onHandshaken(dialling[0])
				connected = append(connected, dialling[0])
				dialling = dialling[1:]
			},
			"failed": func(t *rapid.T) { end(&dialling, t, false) },
			"over":   func(t *rapid.T) { end(&connected, t, true) },
			"came or went": func(t *rapid.T) {
				id := rapid.SampledFrom(nodes).Draw(t, "node").ID()
				other[id] = !other[id]
			},
			"": func(t *rapid.T) {
				busy := 0
				for _, one := range d.tasks {
					if one.busy {
						busy++
					}
				}
				if d.active != len(dialling) || d.active > slots || busy != len(dialling)+len(connected) || len(d.tasks) != len(nodes) {
					t.Fatalf("%d active of %d, %d busy: want %d and %d", d.active, slots, busy, len(dialling), len(dialling)+len(connected))
				}
				if at, ok := d.deadline(); ok != (d.active < slots && busy < len(nodes)) {
					t.Fatalf("deadline %v, %v with %d free slots and %d idle nodes", at, ok, slots-d.active, len(nodes)-busy)
				}
			},
		})
	})
}
