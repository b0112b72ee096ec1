// SPDX-License-Identifier: Apache-2.0

package bubble

import (
	"runtime"
	"sync"
	"testing"
	"time"
)

// TestDueTimers has goroutines receive from timers that are due while others are woken:
// with several threads this crashes the race detector within a few bubbles.
func TestDueTimers(t *testing.T) {
	for range 10 {
		Test(t, func(*testing.T) {
			var all sync.WaitGroup
			for range 64 {
				all.Go(func() {
					for range 20 {
						time.Sleep(time.Second)
						<-time.NewTimer(0).C
						done := make(chan struct{})
						time.AfterFunc(0, func() { close(done) })
						<-done
					}
				})
			}
			all.Wait()
		})
	}
}

// TestThreadsComeBack: bubbles that overlap, too, leave as many threads as there were.
func TestThreadsComeBack(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	t.Run("bubbles", func(t *testing.T) {
		for range 4 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				Test(t, func(*testing.T) {
					if n := runtime.GOMAXPROCS(0); Race && n != 1 {
						t.Errorf("%d threads in a bubble", n)
					}
					time.Sleep(time.Hour)
				})
			})
		}
	})
	if n := runtime.GOMAXPROCS(0); n != before {
		t.Errorf("%d threads became %d", before, n)
	}
}
