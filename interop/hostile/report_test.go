// SPDX-License-Identifier: Apache-2.0

//go:build interop

package hostile

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/interop/watcher"
	"github.com/ethpeer/ethpeer/types"
)

func ended(remotes []*peers.Remote) (n int) {
	for _, r := range remotes {
		if r.Ended() {
			n++
		}
	}
	return n
}

// tellEnds logs why sessions with honest peers ended before the node was stopped.
func tellEnds(t *testing.T, lines []watcher.Line, stopped time.Time) {
	t.Helper()
	for _, l := range lines {
		if l.Kind == "peer" && l.Event == "down" && strings.HasPrefix(l.Client, "honest ") && l.Time.Before(stopped) {
			t.Logf("an honest peer's session ended: %s", l.Raw)
		}
	}
}

// ourCPU is what this process computed: the honest peers and the attackers.
func ourCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// latencies returns how long after it was sent each block was told, sorted.
func latencies(t *testing.T, who string, lines []watcher.Line, sent map[string]time.Time) (all []time.Duration) {
	t.Helper()
	seen := map[string]bool{}
	for _, l := range lines {
		if at, ok := sent[l.Hash]; ok && l.Kind == "block" && !seen[l.Hash] {
			seen[l.Hash] = true
			if d := l.Arrived.Sub(at); d > 100*time.Millisecond {
				t.Logf("%s: block %d was told after %v, via %s", who, l.Number, d, l.Via)
			}
			all = append(all, l.Arrived.Sub(at))
		}
	}
	if len(all) != len(sent) {
		t.Errorf("%s: %d of %d honest blocks were told", who, len(all), len(sent))
	}
	slices.Sort(all)
	return all
}

// missing counts the transactions that were not told with all they say.
func missing(lines []watcher.Line, txs []types.Tx) (n int) {
	whole := map[string]bool{}
	for _, l := range lines {
		if l.Kind == "tx" && l.From != "" {
			whole[l.Hash] = true
		}
	}
	for i := range txs {
		if !whole[txs[i].Hash().String()] {
			n++
		}
	}
	return n
}

// A report is what came out.
type report struct {
	alone, under []time.Duration
	missing, txs int
	memory       int
	took         time.Duration
	lost         int
}

func (r *report) String() string {
	return fmt.Sprintf("honest blocks after %v alone and %v under siege (medians of %d; at most %v and %v); transactions told %d of %d; "+
		"memory %d MiB; Ctrl-C %v; honest peers lost %d", median(r.alone), median(r.under), len(r.under), last(r.alone), last(r.under),
		r.txs-r.missing, r.txs, r.memory>>20, r.took.Round(time.Millisecond), r.lost)
}

func median(sorted []time.Duration) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[len(sorted)/2].Round(100 * time.Microsecond)
}

// most is what nine of ten need at most.
func most(sorted []time.Duration) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[len(sorted)*9/10]
}

func last(sorted []time.Duration) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[len(sorted)-1].Round(100 * time.Microsecond)
}

func (r *report) check(t *testing.T) {
	t.Helper()
	if limit := max(slower*median(r.alone), noise, most(r.alone)); median(r.under) > limit {
		t.Errorf("honest blocks are told after %v: the limit is %v", median(r.under), limit)
	}
	if r.missing > 0 {
		t.Errorf("%d honest transactions were not told", r.missing)
	}
	if r.memory > memoryCap {
		t.Errorf("the process took %d MiB: the cap is %d", r.memory>>20, memoryCap>>20)
	}
	if r.took > stopLimit {
		t.Errorf("the process took %v to end after Ctrl-C", r.took)
	}
	if r.lost > 0 {
		t.Errorf("%d honest peers were lost", r.lost)
	}
}
