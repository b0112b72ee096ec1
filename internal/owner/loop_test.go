// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// A diary is a machine that writes down what it is given, and when.
type diary struct {
	began time.Time
	next  time.Time // what Tick returns
	lines []string
	ticks int
	lost  uint64
}

func (d *diary) note(now time.Time, format string, args ...any) {
	d.lines = append(d.lines, fmt.Sprintf("%v ", now.Sub(d.began))+fmt.Sprintf(format, args...))
}

func (d *diary) Tick(now time.Time) time.Time {
	d.ticks++
	if !d.next.IsZero() && !now.Before(d.next) {
		d.note(now, "due")
		d.next = time.Time{}
	}
	return d.next
}

// running runs f with a loop that owns a diary; it returns what was recorded.
func running(t *testing.T, f func(l *Loop[*diary], d *diary)) []string {
	t.Helper()
	d := &diary{}
	bubble.Test(t, func(t *testing.T) {
		d.began = time.Now()
		l := NewLoop[*diary](func(e event.Event) {
			loss := e.(event.Loss)
			d.note(loss.Time, "loss %s %d", loss.Where, loss.Count)
		})
		ctx, cancel := context.WithCancel(t.Context())
		var loop sync.WaitGroup
		data := bounded.NewDatagrams(4, 100)
		l.Receive(data, func(d *diary, now time.Time, p *bounded.Datagram) { d.note(now, "datagram %s", p.Data) })
		loop.Go(func() { l.Run(ctx, d, Counter("a", &d.lost), Loss{"b", data.TakeDropped}) })
		f(l, d)
		cancel()
		loop.Wait()
	})
	return d.lines
}

func want(t *testing.T, got []string, lines ...string) {
	t.Helper()
	if !slices.Equal(got, lines) {
		t.Errorf("the machine heard\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(lines, "\n  "))
	}
}

func TestLoopKeepsTime(t *testing.T) {
	want(t, running(t, func(l *Loop[*diary], _ *diary) {
		slot := l.Open(nil)
		slot.Post(0, func(d *diary, now time.Time) { d.next = now.Add(10 * time.Second) })
		slot.Post(0, func(d *diary, now time.Time) { d.next = now.Add(5 * time.Second) })
		time.Sleep(time.Minute) // in a bubble
		ticks, err := Ask(context.Background(), l.Owner, func(d *diary, now time.Time, reply func(int, error)) {
			d.next = now.Add(2 * time.Hour)
			reply(d.ticks, nil)
		})
		if err != nil || ticks > 6 {
			t.Errorf("%d ticks in a minute in which one was due, %v", ticks, err)
		}
		time.Sleep(3 * time.Hour) // in a bubble
	}), "5s due", "2h1m0s due")
}

func TestLoopReportsLosses(t *testing.T) {
	want(t, running(t, func(l *Loop[*diary], _ *diary) {
		slot := l.Open(nil)
		lose := func(d *diary, _ time.Time) { d.lost++ }
		slot.Post(0, lose)
		synctest.Wait()
		slot.Post(0, lose)
		slot.Post(0, lose)
		time.Sleep(5 * time.Second) // in a bubble
		synctest.Wait()
		slot.Post(0, lose)
		synctest.Wait()
		slot.Post(0, lose)
		synctest.Wait()
	}), "0s loss a 1", "1s loss a 2", "5s loss a 1", "5s loss a 1")
}

func TestLoopTakesDatagrams(t *testing.T) {
	want(t, running(t, func(l *Loop[*diary], d *diary) {
		stop := make(chan struct{})
		slot := l.Open(nil)
		slot.Post(0, func(*diary, time.Time) { <-stop })
		synctest.Wait()
		for i := range 6 { // for which there are 4 buffers
			l.datagrams.Put(netip.AddrPort{}, fmt.Append(nil, i))
		}
		close(stop)
		synctest.Wait()
	}), "0s loss b 2", "0s datagram 0", "0s datagram 1", "0s datagram 2", "0s datagram 3")
}

// However many letters wait, Tick is called once for those of a turn: what it does need not be done for
// each letter.
func TestLoopTicksOncePerTurn(t *testing.T) {
	running(t, func(l *Loop[*diary], d *diary) {
		stop := make(chan struct{})
		slot := l.Open(nil)
		before := 0 // owner: the loop
		slot.Post(0, func(d *diary, _ time.Time) { <-stop; before = d.ticks })
		synctest.Wait()
		handled := 0
		for range maxLetters + 10 {
			slot.Post(0, func(*diary, time.Time) { handled++ })
		}
		close(stop)
		synctest.Wait()
		after, err := Ask(context.Background(), l.Owner, func(d *diary, _ time.Time, reply func(int, error)) { reply(d.ticks, nil) })
		if err != nil || handled != maxLetters+10 || after != before+2 {
			t.Errorf("%d ticks for %d letters, %v", after-before, handled, err)
		}
	})
}

// Letters of a sender that never stops delay neither an Ask nor the timer for ever.
func TestLoopIsFair(t *testing.T) {
	running(t, func(l *Loop[*diary], _ *diary) {
		slot := l.Open(nil)
		stop := false // owner: the loop
		var again func(d *diary, now time.Time)
		again = func(*diary, time.Time) {
			if !stop {
				slot.Post(0, again)
			}
		}
		slot.Post(0, again)
		_, err := Ask(context.Background(), l.Owner, func(_ *diary, _ time.Time, reply func(int, error)) {
			stop = true
			reply(0, nil)
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// After 64 letters, and after 64 datagrams, the others have their turn.
func TestLoopTakesTurns(t *testing.T) {
	order := running(t, func(l *Loop[*diary], d *diary) {
		slot := l.Open(nil)
		stop := make(chan struct{})
		slot.Post(0, func(*diary, time.Time) { <-stop })
		synctest.Wait()
		for range 5000 {
			slot.Post(0, func(d *diary, now time.Time) { d.lines = append(d.lines, "letter") })
		}
		asked := make(chan struct{})
		go func() {
			defer close(asked)
			_, _ = Ask(context.Background(), l.Owner, func(d *diary, _ time.Time, reply func(int, error)) {
				d.lines = append(d.lines, "post")
				reply(0, nil)
			})
		}()
		synctest.Wait()
		close(stop)
		<-asked
	})
	// The loop chooses among what is ready at random: a post waits for a few of 78 turns.
	if at := slices.Index(order, "post"); at%64 != 63 || len(order) != 5001 {
		t.Errorf("the post came as number %d of %d", at, len(order))
	}
}

// What is left in the inbox at the end is handled, and what is left of losses recorded.
func TestLoopEndsInOrder(t *testing.T) {
	d := &diary{began: time.Now()}
	l := NewLoop[*diary](func(e event.Event) { d.lines = append(d.lines, fmt.Sprint(e.(event.Loss).Count)) })
	slot := l.Open(nil)
	for range 200 {
		slot.Post(0, func(d *diary, _ time.Time) { d.lost++ })
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l.Run(ctx, d, Counter("a", &d.lost))
	want(t, d.lines, "64", "136")
	if _, err := Ask(t.Context(), l.Owner, func(*diary, time.Time, func(int, error)) {}); err != ErrClosed {
		t.Errorf("asked afterwards: %v", err)
	}
}
