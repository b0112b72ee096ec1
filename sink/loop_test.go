// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// plain writes one short line per event.
type plain struct{}

func (plain) Append(dst []byte, e event.Event) []byte {
	switch e := e.(type) {
	case event.Head:
		return fmt.Appendf(dst, "head %d\n", e.Number)
	case event.Loss:
		return fmt.Appendf(dst, "loss %d\n", e.Count)
	case event.Summary:
		return fmt.Appendf(dst, "summary %v %v\n", e.Uptime, e.Lost)
	}
	return fmt.Appendf(dst, "%s\n", e.Kind())
}

// ticking shows a status every second.
type ticking struct{ plain }

func (ticking) Status(dst []byte, now time.Time, s event.Summary) ([]byte, time.Time) {
	return fmt.Appendf(dst, "[%v]", s.Uptime), now.Add(time.Second)
}

// gate is a reader that takes nothing until it is opened.
type gate struct {
	open chan struct{}
	mu   sync.Mutex
	got  bytes.Buffer
	most int // the longest write
}

func newGate() *gate { return &gate{open: make(chan struct{})} }

func (g *gate) Write(b []byte) (int, error) {
	<-g.open
	g.mu.Lock()
	defer g.mu.Unlock()
	g.most = max(g.most, len(b))
	return g.got.Write(b)
}

func (g *gate) text() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.got.String()
}

func start(q *Queue, w io.Writer, f Format) <-chan error {
	done := make(chan error, 1)
	go func() { done <- q.Run(w, f) }()
	return done
}

func TestRunWritesInOrderAndTheSummaryLast(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		g := newGate()
		close(g.open)
		q := New(time.Now(), nil)
		done := start(q, g, plain{})
		q.Record(numbered(1))
		q.Record(numbered(2))
		synctest.Wait()
		if got, want := g.text(), "head 1\nhead 2\n"; got != want {
			t.Errorf("written while nothing waits: %q, want %q", got, want)
		}
		time.Sleep(time.Minute)
		q.Record(numbered(3))
		q.Close()
		q.Close()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if got, want := g.text(), "head 1\nhead 2\nhead 3\nsummary 1m0s []\n"; got != want {
			t.Errorf("written %q, want %q", got, want)
		}
		if n := q.Written(); n != uint64(len(g.text())) {
			t.Errorf("Written() = %d of %d", n, len(g.text()))
		}
	})
}

// A slow reader of stdout never blocks a peer; what is lost is counted
// and reported.
func TestSlowReaderBlocksNobodyAndLearnsWhatItMissed(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		const peers, each = 4, Bound / 2
		g := newGate()
		q := New(time.Now(), nil)
		done := start(q, g, plain{})
		var wg sync.WaitGroup
		for range peers {
			wg.Go(func() {
				for i := range each {
					q.Record(numbered(i))
				}
			})
		}
		wg.Wait() // under synctest, a Record that blocked would be a deadlock
		if n := q.Waiting(); n != Bound {
			t.Errorf("%d events wait, want %d", n, Bound)
		}
		close(g.open)
		synctest.Wait()
		q.Record(numbered(0))
		q.Close()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		heads, lost := account(t, g.text())
		if heads < Bound || heads+lost != peers*each+1 {
			t.Errorf("%d written and %d reported lost of %d", heads, lost, peers*each+1)
		}
		if want := fmt.Sprintf("head 0\nsummary 0s [{output %d}]\n", lost); !strings.HasSuffix(g.text(), want) {
			t.Errorf("ends in %q, want %q", g.text()[max(0, len(g.text())-100):], want)
		}
		if limit := chunkSize + len("head 12345678\n"); g.most > limit {
			t.Errorf("one write of %d bytes, want at most %d", g.most, limit)
		}
	})
}

// account adds up what the lines say.
func account(t *testing.T, text string) (heads, lost int) {
	t.Helper()
	for line := range strings.Lines(text) {
		var n int
		if _, err := fmt.Sscanf(line, "loss %d", &n); err == nil {
			lost += n
		} else if strings.HasPrefix(line, "head ") {
			heads++
		}
	}
	return heads, lost
}

func TestLossIsReportedThoughNothingMoreComes(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		g := newGate()
		q := newQueue(time.Now(), nil, 2)
		for i := range 5 {
			q.Record(numbered(i))
		}
		done := start(q, g, plain{})
		close(g.open)
		synctest.Wait()
		if got, want := g.text(), "head 0\nhead 1\nloss 3\n"; got != want {
			t.Errorf("written %q, want %q", got, want)
		}
		q.Close()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
}

type broken struct{ err error }

func (b broken) Write(p []byte) (int, error) { return len(p) / 2, b.err }

// once fails at its first write alone.
type once struct{ err error }

func (o *once) Write(p []byte) (int, error) {
	err := o.err
	o.err = nil
	return len(p), err
}

// wide writes lines of 1 KiB, so that a batch needs several writes.
type wide struct{}

func (wide) Append(dst []byte, _ event.Event) []byte {
	return append(append(dst, make([]byte, 1023)...), '\n')
}

// TestErrorWithinABatchEndsRun: an error ends Run although later writes would succeed.
func TestErrorWithinABatchEndsRun(t *testing.T) {
	full := errors.New("disk full")
	q := New(noon, nil)
	for i := range 2 * batchSize {
		q.Record(numbered(i))
	}
	q.Close()
	if err := q.Run(&once{full}, wide{}); !errors.Is(err, full) {
		t.Errorf("Run = %v, want %v", err, full)
	}
}

func TestErrorOfTheOutputEndsRun(t *testing.T) {
	full := errors.New("disk full")
	for _, c := range []struct{ err, want error }{{full, full}, {nil, io.ErrShortWrite}} {
		q := New(noon, nil)
		q.Record(numbered(1))
		if err := q.Run(broken{c.err}, plain{}); !errors.Is(err, c.want) {
			t.Errorf("Run = %v, want %v", err, c.want)
		}
		for i := range Bound + 1 {
			q.Record(numbered(i)) // there is no reader, and Record does not wait
		}
		if n := q.Waiting(); n != 0 {
			t.Errorf("%d events are kept for nobody", n)
		}
	}
}

func TestStatusIsShownWhenIdleAndAsOftenAsItAsks(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		g := newGate()
		close(g.open)
		q := New(time.Now(), nil)
		done := start(q, g, ticking{})
		time.Sleep(1500 * time.Millisecond)
		q.Record(numbered(1))
		time.Sleep(1200 * time.Millisecond)
		q.Close()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		want := "[0s][1s]head 1\n[1.5s][2.5s]summary 2.7s []\n"
		if got := g.text(); got != want {
			t.Errorf("written %q, want %q", got, want)
		}
	})
}

func TestDiscardEndsRunWithoutAWord(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		g := newGate()
		close(g.open)
		q := New(time.Now(), nil)
		q.Record(numbered(1))
		q.Discard()
		if err := <-start(q, g, plain{}); err != nil || g.text() != "" {
			t.Errorf("Run = %v after writing %q, want nil and nothing", err, g.text())
		}
	})
}
