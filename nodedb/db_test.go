// SPDX-License-Identifier: Apache-2.0

package nodedb

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// memory is a disk that can be full.
type memory struct {
	mu     sync.Mutex // guards what follows
	values map[string][]byte
	full   bool
	writes int
}

var errFull = errors.New("no space left")

func (m *memory) Load(each func(key, value []byte)) error {
	for _, key := range slices.Sorted(maps.Keys(m.values)) {
		each([]byte(key), m.values[key])
	}
	return nil
}

func (m *memory) Write(puts map[string][]byte, deletes []string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.full {
		return errFull
	}
	m.writes++
	maps.Copy(m.values, puts)
	for _, key := range deletes {
		delete(m.values, key)
	}
	return nil
}

func (m *memory) fill(full bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.full = full
}

func (m *memory) count() (values, writes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.values), m.writes
}

func (m *memory) Close() error { return nil }

func newMemory() *memory { return &memory{values: map[string][]byte{}} }

func mustNew(t interface {
	Helper()
	Fatal(...any)
}, disk Disk,
) *DB {
	t.Helper()
	d, err := New(disk)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// someNode returns the i-th node, with a record of the given sequence number unless it is 0.
func someNode(t interface{ Fatal(...any) }, i int, seq uint64) enr.Node {
	var seed [32]byte
	seed[0], seed[31] = 1, byte(i)
	key, err := ecc.ParsePrivateKey(seed[:])
	if err != nil {
		t.Fatal(err)
	}
	n := enr.Node{Key: key.Public(), IP: netip.AddrFrom4([4]byte{20, byte(i), 1, 1}), TCP: 30303, UDP: 30303}
	if seq > 0 {
		var b enr.Builder
		b.SetIP(n.IP)
		b.SetTCP(n.TCP)
		b.SetUDP(n.UDP)
		record, err := b.Sign(key, seq)
		if err != nil {
			t.Fatal(err)
		}
		n = record.Node()
	}
	return n
}

var now = time.Unix(1_800_000_000, 0)

func TestGood(t *testing.T) {
	d := mustNew(t, nil)
	names := map[enr.ID]string{}
	for i, e := range []struct {
		name string
		Entry
	}{
		{"never a peer", Entry{Score: 9, ScoreAt: now}},
		{"a good one", Entry{Score: 5, ScoreAt: now, LastUp: now}},
		{"a better one, long ago", Entry{Score: 10, ScoreAt: now.Add(-2 * time.Hour), LastUp: now}},
		{"of much use", Entry{Useful: time.Hour, LastUp: now.Add(-time.Hour)}},
		{"of some use", Entry{Useful: time.Minute, LastUp: now.Add(-time.Hour)}},
		{"of some use, just now", Entry{Useful: time.Minute, LastUp: now}},
		{"to be left alone", Entry{Score: 9, ScoreAt: now, LastUp: now, NotBefore: now.Add(time.Second)}},
		{"left alone for long enough", Entry{Score: 1, ScoreAt: now, LastUp: now, NotBefore: now}},
		{"a bad one", Entry{Score: -5, ScoreAt: now, LastUp: now}},
		{"without an address", Entry{Score: 9, ScoreAt: now, LastUp: now}},
	} {
		n := someNode(t, i, 0)
		if e.name == "without an address" {
			n.TCP = 0
		}
		names[n.ID()] = e.name
		e.Node = n
		d.Update(n.ID(), func(old *Entry) { *old = e.Entry })
	}
	var got []string
	for _, n := range d.Good(now, 100) {
		got = append(got, names[n.ID()])
	}
	want := []string{"a good one", "a better one, long ago", "left alone for long enough", "of much use", "of some use, just now", "of some use", "a bad one"}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	if len(d.Good(now, 2)) != 2 {
		t.Error("more than two")
	}
}

func TestSeeds(t *testing.T) {
	d := mustNew(t, nil)
	for i, pong := range []time.Time{now, now.Add(-seedLife + 1), now.Add(-seedLife), {}} {
		n := someNode(t, i, 0)
		d.Update(n.ID(), func(e *Entry) { e.Node, e.LastPong = n, pong })
	}
	got := map[enr.ID]bool{}
	for _, n := range d.Seeds(now, 100) {
		got[n.ID()] = true
	}
	for i, want := range []bool{true, true, false, false} {
		if got[someNode(t, i, 0).ID()] != want {
			t.Errorf("node %d: %v", i, !want)
		}
	}
	if len(d.Seeds(now, 1)) != 1 {
		t.Error("not one seed")
	}
}

func TestNewer(t *testing.T) {
	none, plain, first, second := enr.Node{}, someNode(t, 1, 0), someNode(t, 1, 1), someNode(t, 1, 2)
	moved, elsewhere := plain, first
	moved.TCP, elsewhere.TCP = 1, 1
	for _, test := range []struct {
		name         string
		old, n, want enr.Node
	}{
		{"the first", none, plain, plain},
		{"nothing new", plain, none, plain},
		{"a new endpoint", plain, moved, moved},
		{"a record", plain, first, first},
		{"an endpoint beside a record", first, moved, first},
		{"a newer record", first, second, second},
		{"an older record", second, first, second},
		{"the same record, found elsewhere", first, elsewhere, first},
	} {
		if got := Newer(test.old, test.n); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

// TestRestart: a restart finds everything that was written, once a second and at the end.
func TestRestart(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		disk := newMemory()
		d := mustNew(t, disk)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- d.Run(ctx, nil) }()
		present := time.Now().Truncate(time.Second)
		d.SetSequence(77)
		for i := range 20 {
			n := someNode(t, i, uint64(i%3))
			d.Update(n.ID(), func(e *Entry) {
				*e = Entry{
					ID: n.ID(), Node: n, LastPong: present, LastUp: present.Add(-time.Hour), Useful: time.Duration(i) * time.Minute,
					Score: float64(i) - 7.5, ScoreAt: present, NotBefore: present.Add(time.Duration(i) * time.Hour), Cause: "too many peers",
				}
			})
		}
		time.Sleep(writeEvery)
		time.Sleep(time.Millisecond)
		if values, writes := disk.count(); writes != 1 || values != 21 {
			t.Errorf("%d writes, %d values", writes, values)
		}
		time.Sleep(10 * writeEvery)
		if _, writes := disk.count(); writes != 1 {
			t.Errorf("%d writes without a change", writes)
		}
		last := someNode(t, 30, 1)
		d.Update(last.ID(), func(e *Entry) { e.Node, e.LastPong = last, present })
		stop()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		again := mustNew(t, disk)
		if again.Sequence() != 77 || again.Len() != 21 {
			t.Errorf("sequence %d, %d entries", again.Sequence(), again.Len())
		}
		for _, want := range d.All() {
			got, ok := again.Get(want.ID)
			if !ok || !sameEntry(got, want) {
				t.Errorf("%+v\nwant %+v", got, want)
			}
		}
	})
}

func sameEntry(a, b Entry) bool {
	sameNode := a.Node.Key == b.Node.Key && a.Node.IP == b.Node.IP && a.Node.TCP == b.Node.TCP && a.Node.UDP == b.Node.UDP &&
		(a.Node.Record == nil) == (b.Node.Record == nil) && (a.Node.Record == nil || a.Node.Record.Text() == b.Node.Record.Text())
	sameTimes := a.LastPong.Equal(b.LastPong) && a.LastUp.Equal(b.LastUp) && a.ScoreAt.Equal(b.ScoreAt) && a.NotBefore.Equal(b.NotBefore)
	return sameNode && sameTimes && a.ID == b.ID && a.Useful == b.Useful && a.Score == b.Score && a.Cause == b.Cause
}

// TestFullDisk: failed writes are counted, and written when there is room.
func TestFullDisk(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		disk := newMemory()
		disk.full = true
		d := mustNew(t, disk)
		n := someNode(t, 1, 1)
		d.Update(n.ID(), func(e *Entry) { e.Node, e.LastPong = n, time.Now() })
		ctx, stop := context.WithCancel(t.Context())
		var lost atomic.Int64
		ended := make(chan error)
		var told, over atomic.Int64
		record := func(e event.Event) {
			switch e := e.(type) {
			case event.Loss:
				lost.Add(int64(e.Count))
			case event.Trouble:
				if e.Over {
					over.Add(1)
				} else if told.Add(1); e.Err != errFull.Error() || e.Where != event.TroubleStore {
					t.Errorf("told: %+v", e)
				}
			}
		}
		go func() { ended <- d.Run(ctx, record) }()
		time.Sleep(2*writeEvery + time.Millisecond)
		if told.Load() != 1 || over.Load() != 0 {
			t.Errorf("told %d times, over %d times", told.Load(), over.Load())
		}
		disk.fill(false)
		time.Sleep(writeEvery)
		if told.Load() != 1 || over.Load() != 1 {
			t.Errorf("there is room: told %d times, over %d times", told.Load(), over.Load())
		}
		if values, _ := disk.count(); lost.Load() != 2 || values != 1 {
			t.Errorf("%d lost, %d values", lost.Load(), values)
		}
		disk.fill(true)
		d.SetSequence(1)
		stop()
		if err := <-ended; !errors.Is(err, errFull) {
			t.Errorf("the last write failed: %v", err)
		}
	})
}

// TestWhatIsNotRead: values of other versions, junk and old entries are not read, and are removed.
func TestWhatIsNotRead(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		present := time.Now()
		value := func(i int, pong, notBefore time.Time) (string, []byte) {
			n := someNode(t, i, 1)
			id := n.ID()
			e := Entry{ID: id, Node: n, LastPong: pong, NotBefore: notBefore}
			return nodePrefix + string(id[:]), e.encode()
		}
		disk := newMemory()
		put := func(key string, value []byte) { disk.values[key] = value }
		put(value(1, present, time.Time{}))
		put(value(2, present.Add(-keptFor), time.Time{}))
		put(value(3, present.Add(-2*keptFor), present.Add(time.Hour)))
		key, v := value(4, present, time.Time{})
		v[0] = version + 1
		put(key, v)
		key, v = value(5, present, time.Time{})
		put(key, v[:len(v)-1])
		key, _ = value(6, present, time.Time{})
		_, v = value(7, present, time.Time{})
		put(key, v) // another's record
		put("junk", []byte("junk"))
		put(sequenceKey, []byte("short"))
		d := mustNew(t, disk)
		if d.Len() != 2 {
			t.Errorf("%d entries", d.Len())
		}
		for _, want := range []uint64{5, 0} { // once
			told, lost := 0, uint64(0)
			ctx, stop := context.WithCancel(t.Context())
			stop()
			if err := d.Run(ctx, func(e event.Event) {
				l := e.(event.Loss)
				told, lost = told+1, lost+l.Count
				if l.Where != "nodedb.unreadable" {
					t.Errorf("a loss at %s", l.Where)
				}
			}); err != nil || lost != want || told != int(min(want, 1)) {
				t.Errorf("%d lost, told %d times (%v); want %d", lost, told, err, want)
			}
		}
		if len(disk.values) != 3 { // with a sequence of its own
			t.Errorf("%d values are left", len(disk.values))
		}
	})
}

// TestAnyOrder: after any updates and writes, a restart finds the same entries.
func TestAnyOrder(t *testing.T) {
	nodes := make([]enr.Node, 8)
	for i := range nodes {
		nodes[i] = someNode(t, i, uint64(i%2))
	}
	rapid.Check(t, func(t *rapid.T) {
		disk := newMemory()
		d := mustNew(t, disk)
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			n := nodes[rapid.IntRange(0, len(nodes)-1).Draw(t, "node")]
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0:
				d.Update(n.ID(), func(e *Entry) { e.Node, e.LastPong = Newer(e.Node, n), time.Now().Truncate(time.Second) })
			case 1:
				d.Update(n.ID(), func(e *Entry) {
					e.Score, e.ScoreAt = rapid.Float64Range(-10, 10).Draw(t, "score"), time.Unix(1_700_000_000, 0)
				})
			case 2:
				disk.full = rapid.Bool().Draw(t, "full")
			case 3:
				if _, err := d.write(); (err != nil) != (disk.full && len(d.changed) > 0) {
					t.Fatal(err)
				}
			}
		}
		disk.full = false
		if _, err := d.write(); err != nil {
			t.Fatal(err)
		}
		again := mustNew(t, disk)
		for _, want := range d.All() {
			got, ok := again.Get(want.ID)
			if kept := !want.LastPong.IsZero(); ok != kept || ok && !sameEntry(got, want) {
				t.Fatalf("%+v (%v), want %+v", got, ok, want)
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	n := someNode(f, 1, 1)
	e := Entry{ID: n.ID(), Node: n, LastPong: now, Score: 1, ScoreAt: now, Cause: "because"}
	f.Add(e.encode())
	e.Node = someNode(f, 1, 0)
	f.Add(e.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := decode(n.ID(), b)
		if err != nil {
			return
		}
		again, err := decode(n.ID(), got.encode())
		if err != nil || !sameEntry(got, again) {
			t.Errorf("%+v became %+v (%v)", got, again, err)
		}
	})
}
