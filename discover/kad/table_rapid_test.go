// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/enr"
)

// watcher holds the table to what can be seen from outside: a node that was added and not removed
// is an entry, and only entries are checked.
type watcher struct {
	entries map[enr.ID]bool
	checks  []Contact // under way
	refresh bool      // likewise
}

func (w *watcher) watch(t *rapid.T, actions []Action) {
	for _, a := range actions {
		id := a.Contact.ID
		switch a.Kind {
		case Added:
			if w.entries[id] {
				t.Fatalf("%s is added twice", name(a.Contact))
			}
			w.entries[id] = true
		case Removed:
			if !w.entries[id] {
				t.Fatalf("%s is removed, but was not there", name(a.Contact))
			}
			delete(w.entries, id)
		case Refresh:
			if w.refresh {
				t.Fatal("two refreshes at once")
			}
			w.refresh = true
		case Check:
			w.checks = append(w.checks, a.Contact)
			fallthrough
		case Store:
			if !w.entries[id] {
				t.Fatalf("%v %s, which is no entry", a.Kind, name(a.Contact))
			}
		}
	}
}

// nodes draws nodes of few buckets and few networks, some as their records have them.
func nodes(records []*enr.Record, unverified []*enr.UnverifiedRecord) *rapid.Generator[Contact] {
	return rapid.Custom(func(t *rapid.T) Contact {
		dist := rapid.SampledFrom([]int{256, 256, 256, 255, 254, 253, 252, 240, 20}).Draw(t, "distance")
		c := contactAt(dist, rapid.IntRange(0, 60).Draw(t, "number"))
		switch place := rapid.IntRange(0, 9).Draw(t, "place"); place {
		case 0, 1:
			c.Node.IP = netip.AddrFrom4([4]byte{34, 0, 0, byte(rapid.IntRange(0, 255).Draw(t, "host"))})
		case 2:
			c.Node.IP = netip.AddrFrom4([4]byte{10, 0, 0, 1})
		case 3:
			c.Node.IP = netip.AddrFrom16([16]byte{0: 0x2a, 15: byte(rapid.IntRange(0, 255).Draw(t, "host"))})
		case 4:
			c.Node.IP = netip.Addr{}
		case 5:
			c.Node.UDP = uint16(rapid.SampledFrom([]int{0, 1024, 30304}).Draw(t, "port"))
		}
		if c.Node.Record = rapid.SampledFrom(records).Draw(t, "record"); c.Node.Record == nil {
			c.Unverified = rapid.SampledFrom(unverified).Draw(t, "unverified")
		}
		if dist == 20 && rapid.IntRange(0, 9).Draw(t, "self") == 0 {
			c.ID = enr.ID{}
		}
		return c
	})
}

// TestTableAnyOrder sends events in any order.
func TestTableAnyOrder(t *testing.T) {
	records := []*enr.Record{nil, recordOf(t, 1), recordOf(t, 2)}
	unverified := []*enr.UnverifiedRecord{nil, unverifiedOf(t, recordOf(t, 1), true), unverifiedOf(t, recordOf(t, 2), false), unverifiedOf(t, recordOf(t, 3), true)}
	rapid.Check(t, func(t *rapid.T) {
		now := epoch
		node := nodes(records, unverified)
		choose := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "choice") }
		table := New(now, Config{Choose: choose})
		w := &watcher{entries: map[enr.ID]bool{}}
		do := func(actions []Action) { w.watch(t, actions) }

		t.Repeat(map[string]func(*rapid.T){
			"heard": func(t *rapid.T) {
				for _, c := range rapid.SliceOfN(node, 1, 30).Draw(t, "nodes") {
					do(table.OnHeard(now, c))
				}
			},
			"proven": func(t *rapid.T) { do(table.OnProven(now, node.Draw(t, "node"))) },
			"neighbors": func(t *rapid.T) {
				found := rapid.SliceOfN(node, 0, 18).Draw(t, "found")
				good, actions := table.OnNeighbors(now, node.Draw(t, "from"), found)
				do(actions)
				for _, c := range good {
					if c.ID == table.self || c.Node.UDP <= 1024 || !c.Node.IP.IsValid() {
						t.Fatalf("%s is not good", name(c))
					}
				}
			},
			"result": func(t *rapid.T) {
				c := node.Draw(t, "node")
				if n := len(w.checks); n > 0 {
					i := rapid.IntRange(0, n-1).Draw(t, "check")
					c = w.checks[i]
					w.checks = append(w.checks[:i], w.checks[i+1:]...)
				}
				if rapid.IntRange(0, 3).Draw(t, "alive") > 0 {
					do(table.OnAlive(now, c))
				} else {
					do(table.OnDead(now, c))
				}
			},
			"refreshed": func(t *rapid.T) {
				w.refresh = false
				do(table.OnRefreshed(now))
			},
			"want": func(*rapid.T) { do(table.WantRefresh(now)) },
			"tick": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(0, 9000).Draw(t, "ms")) * time.Millisecond)
				do(table.OnTick(now))
				if at := table.Deadline(); !at.IsZero() && !at.After(now) {
					t.Fatalf("nothing is due at %v, it is %v", at, now)
				}
			},
			"": func(t *rapid.T) {
				if err := table.checkInvariants(); err != nil {
					t.Fatal(err)
				}
				if table.Len() != len(w.entries) {
					t.Fatalf("%d entries, added are %d", table.Len(), len(w.entries))
				}
				for c := range table.All() {
					if got, ok := table.Get(c.ID); !ok || got != c || !w.entries[c.ID] {
						t.Fatalf("entry %s was not added, or is not found", name(c))
					}
				}
			},
		})
	})
}
