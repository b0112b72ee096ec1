// SPDX-License-Identifier: Apache-2.0

package bubble

import (
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
)

// threads counts the bubbles that need one thread.
var threads struct {
	mu      sync.Mutex // guards what follows
	bubbles int
	before  int // how many threads there were before the first of them
}

// Test is synctest.Test.
func Test(t *testing.T, f func(*testing.T)) {
	t.Helper()
	if Race {
		one()
		defer many()
	}
	synctest.Test(t, f)
}

func one() {
	threads.mu.Lock()
	defer threads.mu.Unlock()
	if threads.bubbles++; threads.bubbles == 1 {
		threads.before = runtime.GOMAXPROCS(1)
	}
}

func many() {
	threads.mu.Lock()
	defer threads.mu.Unlock()
	if threads.bubbles--; threads.bubbles == 0 {
		runtime.GOMAXPROCS(threads.before)
	}
}
