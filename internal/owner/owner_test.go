// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/internal/bubble"
)

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
		got, err := Ask(t.Context(), o, func(m *int, _ time.Time, reply func(int)) { reply(*m + 1) })
		if got != 42 || err != nil {
			t.Error(got, err)
		}
		late, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := Ask(late, o, func(*int, time.Time, func(int)) {}); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		time.AfterFunc(time.Second, stop)
		if _, err := Ask(t.Context(), o, func(*int, time.Time, func(int)) {}); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
		if _, err := Ask(t.Context(), o, func(*int, time.Time, func(int)) {}); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	})
}
