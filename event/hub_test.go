// SPDX-License-Identifier: Apache-2.0

package event

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// numbered is an event that can be told from every other: its number is its second.
func numbered(i int) Event {
	return Head{At: At{time.Unix(int64(i), 0)}, Number: uint64(i)}
}

// checkInvariants holds between any two calls.
func (s *Subscription) checkInvariants(t interface{ Fatalf(string, ...any) }) {
	if s.size < 0 || s.size > len(s.ring) || s.first < 0 || s.first > max(0, len(s.ring)-1) {
		t.Fatalf("size %d, first %d of %d", s.size, s.first, len(s.ring))
	}
	for i := range s.ring {
		used := (i-s.first+len(s.ring))%len(s.ring) < s.size
		if used != (s.ring[i] != nil) {
			t.Fatalf("slot %d: used %v, holds %v", i, used, s.ring[i])
		}
	}
	gap, flood := uint64(0), 0
	for i, l := range s.gap {
		gap += l.Count
		if l.Count == 0 || slices.ContainsFunc(s.gap[:i], func(o Loss) bool { return o.Of == l.Of }) {
			t.Fatalf("gap %v", s.gap)
		}
	}
	if gap > s.lost || len(s.gap) > maxGapKinds {
		t.Fatalf("a gap of %d and %d kinds, %d lost in all", gap, len(s.gap), s.lost)
	}
	for _, e := range s.ring {
		if e != nil && floods(e) {
			flood++
		}
	}
	if most := len(s.ring) - len(s.ring)/ReserveShare; flood > most {
		t.Fatalf("%d events of the flood wait, want %d of %d at most", flood, most, len(s.ring))
	}
}

// sighted is like numbered, of a kind of which a peer can cause any number.
func sighted(i int) Event {
	return Sighting{At: At{time.Unix(int64(i), 0)}}
}

// A reader follows one subscription and accounts for what it was to see.
type reader struct {
	sub    *Subscription
	keep   func(Event) bool
	want   []Event // recorded and kept, since it subscribed
	next   int     // index into want of what is due
	gap    map[Kind]Loss
	lost   uint64
	closed bool
}

func (r *reader) read(t interface{ Fatalf(string, ...any) }, n int) (got int) {
	events, _ := r.sub.Take(make([]Event, 0, n))
	for _, e := range events {
		if l, ok := e.(Loss); ok {
			if l.Count == 0 || l.Where != LossSite {
				t.Fatalf("%+v", l)
			}
			if r.gap == nil {
				r.gap = map[Kind]Loss{}
			}
			r.lost += l.Count
			l.Count += r.gap[l.Of].Count // a gap may grow while its losses are taken
			r.gap[l.Of] = l
			continue
		}
		r.pass(t)
		if r.next >= len(r.want) || e != r.want[r.next] {
			t.Fatalf("%v came, %v are due", e, r.want[r.next:])
		}
		r.next++
	}
	return len(events)
}

// pass goes on to the end of a gap, and checks that each loss in it counts the events of its kind.
func (r *reader) pass(t interface{ Fatalf(string, ...any) }) {
	last, counts := map[Kind]time.Time{}, map[Kind]uint64{}
	for _, l := range r.gap {
		for range l.Count {
			if r.next == len(r.want) {
				t.Fatalf("more is told lost than was recorded: %v", r.gap)
			}
			e := r.want[r.next]
			counts[e.Kind()]++
			last[e.Kind()] = e.When()
			r.next++
		}
	}
	for of, l := range r.gap {
		if counts[of] != l.Count || !l.Time.Equal(last[of]) {
			t.Fatalf("%+v, want %d until %v", l, counts[of], last[of])
		}
	}
	if len(counts) != len(r.gap) {
		t.Fatalf("losses %v of %v", r.gap, counts)
	}
	r.gap = nil
}

// drain reads to the end and checks that nothing is missing.
func (r *reader) drain(t interface{ Fatalf(string, ...any) }) {
	for r.read(t, 3) > 0 {
	}
	r.pass(t)
	if r.next != len(r.want) || r.lost != r.sub.Lost() {
		t.Fatalf("%d of %d accounted for; %d told lost, %d lost", r.next, len(r.want), r.lost, r.sub.Lost())
	}
}

// operate runs a sequence of operations; each byte is one, and its argument.
func operate(t interface{ Fatalf(string, ...any) }, ops []byte) {
	var h Hub
	var readers []*reader
	recorded, closed := 0, false
	pick := func(arg int) *reader {
		if len(readers) == 0 {
			return nil
		}
		return readers[arg%len(readers)]
	}
	for _, op := range ops {
		arg := int(op >> 3)
		switch r := pick(arg); op & 7 {
		case 0, 1, 2: // more often than the others
			e := numbered(recorded)
			if op&7 == 2 {
				e = sighted(recorded)
			}
			for _, r := range readers {
				if !r.closed && (r.keep == nil || r.keep(e)) {
					r.want = append(r.want, e)
				}
			}
			h.Record(e)
			recorded++
		case 3:
			if len(readers) >= 4 {
				continue
			}
			r := &reader{}
			if arg&1 == 1 {
				r.keep = func(e Event) bool { return e.When().Unix()%3 != 0 }
			}
			r.sub = h.Subscribe(r.keep, 1+arg>>1)
			r.closed = closed
			readers = append(readers, r)
		case 4, 5:
			if r != nil {
				r.read(t, 1+arg%4)
			}
		case 6:
			if r != nil && arg >= 24 {
				r.sub.Close()
				r.closed = true
				r.next, r.lost, r.gap = len(r.want), r.sub.Lost(), nil
				if n := r.read(t, 1); n != 0 || r.sub.Waiting() != 0 {
					t.Fatalf("a closed subscription holds %d events", n)
				}
			}
		case 7:
			if arg == 31 {
				h.Close()
				closed = true
			}
		}
		for _, r := range readers {
			r.sub.checkInvariants(t)
			if n := r.sub.Waiting(); n > len(r.sub.ring) {
				t.Fatalf("%d events wait", n)
			}
		}
	}
	h.Close()
	for _, r := range readers {
		r.drain(t)
		if e, ok := r.sub.Next(nil); ok {
			t.Fatalf("%v after the end", e)
		}
	}
}

// What comes out, each Loss read as that many events, is what went in, in order, whatever
// the subscribers do.
func TestHubLosesNothingUncounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		operate(t, rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "ops"))
	})
}

func FuzzHub(f *testing.F) {
	f.Add([]byte{3, 0, 0, 0, 4, 0, 4, 255, 0})
	f.Add([]byte{3 | 8, 3 | 16, 0, 0, 0, 0, 6 | 192, 0, 5, 0})
	f.Fuzz(func(t *testing.T, ops []byte) { operate(t, ops[:min(len(ops), 2000)]) })
}

func TestTheNewestAreDroppedAndTheLossStandsInTheirPlace(t *testing.T) {
	var h Hub
	s := h.Subscribe(nil, 3)
	for i := range 5 {
		h.Record(numbered(i)) // 3 and 4 find no room
	}
	if n := s.Waiting(); n != 3 || s.Lost() != 2 {
		t.Errorf("%d wait and %d are lost, want 3 and 2", n, s.Lost())
	}
	text := func(events []Event) (all []string) {
		for _, e := range events {
			switch e := e.(type) {
			case Head:
				all = append(all, fmt.Sprint(e.Number))
			case Loss:
				all = append(all, fmt.Sprintf("loss of %d at %d", e.Count, e.Time.Unix()))
			}
		}
		return all
	}
	buf := make([]Event, 0, 1)
	first, _ := s.Take(buf)
	h.Record(numbered(5)) // one place is free, and two are needed: the loss grows
	second, _ := s.Take(make([]Event, 0, 1))
	h.Record(numbered(6))
	rest, open := s.Take(make([]Event, 0, 9))
	got := slices.Concat(text(first), text(second), text(rest))
	want := []string{"0", "1", "2", "loss of 3 at 5", "6"}
	if !slices.Equal(got, want) || !open {
		t.Errorf("%q, open %v; want %q", got, open, want)
	}
}

// A loss is told as soon as the reader has caught up, though nothing more comes; Take
// leaves it for the next call if there is no room in the slice.
func TestALossNeedsNoFurtherEvent(t *testing.T) {
	h := Hub{Site: "here"}
	s := h.Subscribe(nil, 1)
	h.Record(numbered(0))
	h.Record(numbered(1))
	if events, _ := s.Take(make([]Event, 0, 1)); len(events) != 1 || events[0] != numbered(0) {
		t.Errorf("%v", events)
	}
	want := Loss{At: At{time.Unix(1, 0)}, Where: "here", Of: KindHead, Count: 1}
	if e, ok := s.Next(nil); !ok || e != want {
		t.Errorf("%v, want %v", e, want)
	}
}

func TestRoomByDefault(t *testing.T) {
	var h Hub
	for _, room := range []int{0, -1} {
		if s := h.Subscribe(nil, room); len(s.ring) != DefaultRoom {
			t.Errorf("room %d holds %d events", room, len(s.ring))
		}
	}
}

// The events of a batch are not kept alive by the ring.
func TestTakeAppends(t *testing.T) {
	var h Hub
	s := h.Subscribe(nil, 2)
	h.Record(numbered(1))
	dst := make([]Event, 1, 2)
	dst[0] = numbered(0)
	dst, _ = s.Take(dst)
	if !slices.Equal(dst, []Event{numbered(0), numbered(1)}) {
		t.Errorf("%v", dst)
	}
	s.checkInvariants(t)
}

func TestSlowSubscribersHoldUpNothing(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		const recorders, each = 4, 1000
		var h Hub
		stuck, quick := h.Subscribe(nil, 10), h.Subscribe(nil, recorders*each)
		var seen []Event
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for e := range quick.All(nil) {
				seen = append(seen, e)
			}
		}()
		var wg sync.WaitGroup
		for range recorders {
			wg.Go(func() {
				for i := range each {
					h.Record(numbered(i))
				}
			})
		}
		wg.Wait() // under synctest, a Record that blocked would be a deadlock
		h.Close()
		<-ended
		if len(seen) != recorders*each || quick.Lost() != 0 {
			t.Errorf("the quick one saw %d of %d, lost %d", len(seen), recorders*each, quick.Lost())
		}
		if stuck.Waiting() != 10 || stuck.Lost() != recorders*each-10 {
			t.Errorf("the stuck one holds %d and lost %d", stuck.Waiting(), stuck.Lost())
		}
		read := 0
		for e := range stuck.All(nil) {
			if l, ok := e.(Loss); ok {
				read += int(l.Count) - 1
			}
			read++
		}
		if read != recorders*each {
			t.Errorf("the stuck one accounts for %d of %d", read, recorders*each)
		}
	})
}

func TestNextWaitsForAnEventTheEndOrDone(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		var h Hub
		s := h.Subscribe(nil, 1)
		type answer struct {
			e  Event
			ok bool
		}
		answers := make(chan answer, 1)
		next := func(done <-chan struct{}) {
			go func() {
				e, ok := s.Next(done)
				answers <- answer{e, ok}
			}()
			synctest.Wait()
			if len(answers) > 0 {
				t.Fatalf("Next did not wait: %v", <-answers)
			}
		}
		next(nil)
		h.Record(numbered(7))
		if got := <-answers; got != (answer{numbered(7), true}) {
			t.Errorf("%v", got)
		}
		done := make(chan struct{})
		next(done)
		close(done)
		if got := <-answers; got.ok {
			t.Errorf("%v after done", got)
		}
		next(nil)
		h.Close()
		if got := <-answers; got.ok {
			t.Errorf("%v after the end", got)
		}
		s = h.Subscribe(nil, 1) // too late
		if e, ok := s.Next(nil); ok {
			t.Errorf("%v after the end", e)
		}
		var open Hub
		s = open.Subscribe(nil, 1)
		next(nil)
		s.Close()
		s.Close()
		if got := <-answers; got.ok {
			t.Errorf("%v after Close", got)
		}
	})
}

func TestAClosedSubscriptionLeavesTheOthersAlone(t *testing.T) {
	var h Hub
	a, b := h.Subscribe(nil, 4), h.Subscribe(nil, 4)
	asked := 0
	c := h.Subscribe(func(Event) bool { asked++; return false }, 4)
	h.Record(numbered(0))
	a.Close()
	c.Close()
	h.Record(numbered(1))
	a.record(numbered(2)) // by a goroutine that had the list from before
	if asked != 1 {
		t.Errorf("a closed subscription was asked %d times, want once", asked)
	}
	if events, open := a.Take(make([]Event, 0, 4)); len(events) > 0 || open || a.Lost() != 0 {
		t.Errorf("the closed one has %v, open %v, lost %d", events, open, a.Lost())
	}
	if events, open := b.Take(make([]Event, 0, 4)); !slices.Equal(events, []Event{numbered(0), numbered(1)}) || !open {
		t.Errorf("the other one has %v, open %v", events, open)
	}
}

func TestAllEndsWhenItsReaderDoes(t *testing.T) {
	var h Hub
	s := h.Subscribe(nil, 4)
	h.Record(numbered(0))
	h.Record(numbered(1))
	for range s.All(nil) {
		break
	}
	if n := s.Waiting(); n != 1 {
		t.Errorf("%d wait, want the second", n)
	}
}

func TestRecordAllocatesNothing(t *testing.T) {
	var h Hub
	e := numbered(1)
	h.Record(e)
	h.Subscribe(nil, 8)
	h.Subscribe(func(e Event) bool { return e.Kind() == KindHead }, 2000)
	if n := testing.AllocsPerRun(100, func() { h.Record(e) }); n != 0 {
		t.Errorf("%v allocations per event, want 0, full or not", n)
	}
}

// A flood of transactions, sightings or candidates takes all of the room but the reserve, and
// the other kinds find place in that. Each loss says of which kind.
func TestAFloodLeavesTheReserveFree(t *testing.T) {
	for _, flood := range []Event{Tx{}, Sighting{}, Candidate{}} {
		var h Hub
		s := h.Subscribe(nil, 80)
		for range 1000 {
			h.Record(flood)
		}
		if n := s.Waiting(); n != 70 {
			t.Errorf("%s: %d wait of 80, want 70", flood.Kind(), n)
		}
		others := []Event{Head{}, Block{}, Peer{}, Trouble{}, Self{}, Loss{Where: "eth"}, Summary{Txs: 1}}
		for _, e := range others[:4] {
			h.Record(e)
			h.Record(flood)
		}
		if n, want := s.Waiting(), 70+2*4; n != want { // a loss before each
			t.Errorf("%s: %d wait, want %d", flood.Kind(), n, want)
		}
		for _, e := range others[4:] {
			h.Record(e)
		}
		text := ""
		events, _ := s.Take(make([]Event, 0, 100))
		for _, e := range events[70:] {
			if l, ok := e.(Loss); ok && l.Of != "" {
				text += fmt.Sprintf("%d %s, ", l.Count, l.Of)
				continue
			}
			text += string(e.Kind()) + ", "
		}
		want := strings.ReplaceAll("930 F, head, 1 F, block, 1 F, peer, 1 F, trouble, 1 F, self, ", "F", string(flood.Kind())) +
			"1 loss, 1 summary, "
		if text != want {
			t.Errorf("%s: after the flood %q, want %q", flood.Kind(), text, want)
		}
	}
}

type otherKind struct {
	Head
	kind Kind
}

func (o otherKind) Kind() Kind { return o.kind }

// A gap counts 16 kinds at most; those of other packages may be more.
func TestAGapHasABoundOfKinds(t *testing.T) {
	var h Hub
	s := h.Subscribe(nil, 1)
	h.Record(numbered(0))
	for i := range 100 {
		h.Record(otherKind{kind: Kind(fmt.Sprint("kind", i))})
	}
	s.checkInvariants(t)
	events, _ := s.Take(make([]Event, 0, 200))
	last, ok := events[len(events)-1].(Loss)
	if want := 1 + 16; len(events) != want || !ok || last.Of != "" || last.Count != 100-15 {
		t.Errorf("%d events, want %d; the last is %+v", len(events), want, last)
	}
}
