// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// TestWant: a caller that stops waiting withdraws its wait, and what was given at the last moment is not
// lost.
func TestWant(t *testing.T) {
	type machine struct{ give func(int) }
	bubble.Test(t, func(t *testing.T) {
		o := New[*machine]()
		stop := make(chan struct{})
		m := &machine{}
		go func() {
			defer o.Close()
			for {
				select {
				case f := <-o.Posts():
					f(m, time.Now())
				case <-stop:
					return
				}
			}
		}()
		post := func(m *machine, _ time.Time, give func(int)) { m.give = give }
		for last, want := range map[bool]int{false: 0, true: 42} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if last {
				time.AfterFunc(time.Second/2, func() {
					o.posts <- func(m *machine, _ time.Time) {
						time.Sleep(time.Second) // in a bubble
						m.give(42)
					}
				})
			}
			got, err := Want(ctx, o, post, func(m *machine) { m.give = nil })
			cancel()
			synctest.Wait()
			if got != want || errors.Is(err, context.DeadlineExceeded) == last || m.give != nil {
				t.Errorf("last %v: %d, %v, still waited for: %v", last, got, err, m.give != nil)
			}
		}
		close(stop)
		if _, err := Want(t.Context(), o, post, func(*machine) {}); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	})
}

func TestAsk(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		o := New[*int]()
		ctx, stop := context.WithCancel(t.Context())
		go func() {
			defer o.Close()
			machine := 41
			for {
				select {
				case f := <-o.Posts():
					f(&machine, time.Now())
				case <-ctx.Done():
					return
				}
			}
		}()
		got, err := Ask(t.Context(), o, func(m *int, _ time.Time, reply func(int, error)) { reply(*m+1, nil) })
		if got != 42 || err != nil {
			t.Error(got, err)
		}
		refused := errors.New("refused")
		if _, err := Ask(t.Context(), o, func(_ *int, _ time.Time, reply func(int, error)) { reply(0, refused) }); err != refused {
			t.Error(err)
		}
		late, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := Ask(late, o, func(*int, time.Time, func(int, error)) {}); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		time.AfterFunc(time.Second, stop)
		if _, err := Ask(t.Context(), o, func(*int, time.Time, func(int, error)) {}); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
		if _, err := Ask(t.Context(), o, func(*int, time.Time, func(int, error)) {}); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	})
}
