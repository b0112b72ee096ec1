// SPDX-License-Identifier: Apache-2.0

package nodedb

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

func numbered(i int) (id enr.ID) {
	copy(id[:], fmt.Sprintf("%08d", i))
	return id
}

// peerAt makes an entry one of a proven node: it was a peer, and its address is known.
func peerAt(at time.Time, score float64) func(*Entry) {
	return func(e *Entry) {
		e.Node.IP, e.Node.TCP = netip.AddrFrom4([4]byte{34, 1, 1, 1}), 30303
		e.LastUp, e.Score, e.ScoreAt = at, score, at
	}
}

func answered(at time.Time) func(*Entry) { return func(e *Entry) { e.LastPong = at } }

// full returns a store without room. Half of its entries are of nodes that were peers, half of nodes that
// only answered.
func full(t *testing.T, disk Disk, peers int) *DB {
	d := mustNew(t, disk)
	for i := range 16384 {
		if i < peers {
			d.Update(numbered(i), peerAt(now, float64(1+i%7)))
		} else {
			d.Update(numbered(i), answered(now.Add(time.Duration(i)*time.Second)))
		}
	}
	if d.Len() != 16384 || d.takeRefused() != 0 {
		t.Fatalf("%d entries", d.Len())
	}
	return d
}

// missing returns the numbered entries that are gone.
func (d *DB) missing() (all []int) {
	for i := range 16384 {
		if _, ok := d.Get(numbered(i)); !ok {
			all = append(all, i)
		}
	}
	return all
}

// Attack: nodes under a million free keys answer discovery. They displace nothing: entries without room are
// dropped and counted.
func TestStrangersDisplaceNothing(t *testing.T) {
	d := full(t, nil, 100)
	for i := range 20000 {
		d.Update(numbered(100000+i), answered(now.Add(5*time.Hour))) // the first came an hour before the first of these
	}
	if gone := d.missing(); len(gone) != 0 || d.Len() != 16384 {
		t.Errorf("%d entries, gone are %v", d.Len(), gone)
	}
	if n := d.takeRefused(); n != 20000 || d.takeRefused() != 0 {
		t.Errorf("%d are counted", n)
	}
	d.Update(numbered(200), answered(now.Add(6*time.Hour))) // one that is known
	if d.takeRefused() != 0 {
		t.Error("a known node finds no room")
	}
}

// TestStaleMakeRoom: a node that answered displaces one that has not answered for five days and need not be
// left alone.
func TestStaleMakeRoom(t *testing.T) {
	d := full(t, nil, 100)
	// Moves it to the end of the order.
	d.Update(numbered(100), func(e *Entry) { e.NotBefore = now.Add(30 * 24 * time.Hour) })
	for i, step := range []struct {
		at   time.Duration
		gone int
	}{{101*time.Second + seedLife - 1, 0}, {101*time.Second + seedLife, 1}, {102*time.Second + seedLife, 2}} {
		d.Update(numbered(100000+i), answered(now.Add(step.at)))
		if gone := d.missing(); len(gone) != step.gone || step.gone > 0 && gone[step.gone-1] != 100+step.gone {
			t.Errorf("step %d: gone are %v", i, gone)
		}
	}
	one := Entry{LastPong: now, NotBefore: now.Add(seedLife + 2)}
	if one.stale(now.Add(seedLife+1)) || !one.stale(now.Add(seedLife+2)) {
		t.Error("the wait of a node does not hold")
	}
	one = Entry{ScoreAt: now}
	if one.stale(now.Add(seedLife-1)) || !one.stale(now.Add(seedLife)) {
		t.Error("what was learned of a node without a pong does not count")
	}
}

// TestPeersFindRoom: a node that was a peer displaces the oldest one that was none, or, if there is none, the
// peer with the lowest score.
func TestPeersFindRoom(t *testing.T) {
	disk := newMemory()
	d := full(t, disk, 16382)
	if _, err := d.write(); err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]int{{16382}, {16382, 16383}, {0, 16382, 16383}, {0, 7, 16382, 16383}} {
		d.Update(numbered(100000+i), peerAt(now, 3))
		if gone := d.missing(); fmt.Sprint(gone) != fmt.Sprint(want) {
			t.Errorf("peer %d: gone are %v, want %v", i, gone, want)
		}
	}
	d.Update(numbered(200000), answered(now.Add(365*24*time.Hour)))
	if d.Len() != 16384 || d.takeRefused() != 1 {
		t.Error("a node that only answered displaces a peer")
	}
	if _, err := d.write(); err != nil || len(disk.values) != 16384 {
		t.Errorf("%d values on the disk, %v", len(disk.values), err)
	}
	if n := mustNew(t, disk).Len(); n != 16384 {
		t.Errorf("%d entries are read again", n)
	}
}

// TestRoomKeepsItsBooks: the set of unproven entries has exactly these, in the order of updates.
func TestRoomKeepsItsBooks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, err := New(nil)
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			change := answered(now)
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				change = peerAt(now, 1)
			case 1:
				change = func(e *Entry) { *e = Entry{} }
			}
			d.Update(numbered(rapid.IntRange(0, 9).Draw(t, "node")), change)
		}
		var want, got []enr.ID
		for _, e := range d.All() {
			if !e.proven() {
				want = append(want, e.ID)
			}
		}
		for id := range d.unproven.All() {
			got = append(got, id)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("unproven are %v, want %v", got, want)
		}
	})
}

// TestNoRoomIsTold: refused entries are reported once a minute, and at the end.
func TestNoRoomIsTold(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		d := full(t, nil, 100)
		d.disk = newMemory() // without a disk nothing waits for the next write
		var told []uint64
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			done <- d.Run(ctx, func(e event.Event) {
				if l := e.(event.Loss); l.Where == "nodedb.full" {
					told = append(told, l.Count)
				}
			})
		}()
		time.Sleep(time.Second / 2) // in a bubble
		for i := range 150 {
			d.Update(numbered(100000+i), answered(now))
			time.Sleep(time.Second) // in a bubble
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if fmt.Sprint(told) != "[60 60 30]" {
			t.Errorf("told are %v", told)
		}
	})
}

// TestWrongClock: entries written under a clock that was decades ahead are clamped to now, with the longest
// wait.
func TestWrongClock(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		disk, present, future := newMemory(), time.Now(), time.Now().AddDate(80, 0, 0)
		n := someNode(t, 1, 1)
		id := n.ID()
		e := Entry{ID: id, Node: n, LastPong: future, LastUp: future, Score: 1, ScoreAt: future, NotBefore: future.Add(time.Hour)}
		disk.values[keyOf(id)] = e.encode()
		d := mustNew(t, disk)
		got, ok := d.Get(id)
		if !ok || !got.LastPong.Equal(present) || !got.LastUp.Equal(present) || !got.ScoreAt.Equal(present) || !got.NotBefore.Equal(present.Add(30*24*time.Hour)) {
			t.Errorf("read is %+v", got)
		}
		if len(d.Good(present, 9)) != 0 || len(d.Good(present.Add(30*24*time.Hour), 9)) != 1 {
			t.Error("the node is left alone for another time than 30 days")
		}
	})
}
