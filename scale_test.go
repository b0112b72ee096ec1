// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

const (
	manyRemotes = 300
	tellEvery   = 5 * time.Second // 0.2 transactions per second and remote
	tellAmong   = 100             // a remote tells one of this many that are new about then

	scaleCap    = 16 << 20 // heap of node and remotes together, beyond what was there before
	scaleGrowth = 4 << 20  // of that, from the first tenth of the time to the last
)

// scale returns the virtual time and the numbers of transactions. They are smaller with the race detector:
// the same happens less often.
func scale() (hour time.Duration, good, junk int) {
	if bubble.Race {
		return 3 * time.Minute, 540, 60
	}
	return time.Hour, 4000, 40
}

// count is what the node recorded.
type count struct {
	mu                            sync.Mutex // guards what follows
	first, later, asked, sighting uint64
	lost                          map[string]uint64
}

func (c *count) record(e event.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e := e.(type) {
	case event.Tx:
		switch {
		case e.Via == event.ViaRequest:
			c.asked++
		case e.Update:
			c.later++
		default:
			c.first++
		}
	case event.Sighting:
		c.sighting++
	case event.Loss:
		c.lost[e.Where] += e.Count
	}
}

// An audience is very many honest remotes of one node.
type audience struct {
	t       *testing.T
	node    *peers.Node
	seen    count
	remotes []*peers.Remote
	serving sync.WaitGroup

	told       atomic.Uint64 // transactions that the node was told of
	junkServed atomic.Uint64 // that it fetched, and whose signature is invalid
}

// TestManyRemotesForAnHour: each time a peer tells of a transaction there is an event or a counted loss. No
// peer is dropped, and memory and goroutines do not grow. synctest checks that no goroutine remains.
func TestManyRemotesForAnHour(t *testing.T) {
	hour, good, junk := scale()
	txs, pool, isJunk := manyTxs(t, 1, good, junk)
	before := heapInUse()
	bubble.Test(t, func(t *testing.T) {
		c := gather(t, pool, isJunk)
		var telling sync.WaitGroup
		for i, r := range c.remotes {
			telling.Go(func() { c.tell(r, i, txs, hour) })
		}

		time.Sleep(hour / 10)
		synctest.Wait()
		early, earlyGoroutines := heapInUse(), runtime.NumGoroutine()
		time.Sleep(hour * 8 / 10)
		synctest.Wait()
		late, lateGoroutines := heapInUse(), runtime.NumGoroutine()
		t.Logf("heap: %d KiB, then %d KiB more; %d goroutines, then %d",
			(early-before)>>10, (late-early)>>10, earlyGoroutines, lateGoroutines)
		if late-before > scaleCap || late-early > scaleGrowth {
			t.Errorf("the heap grew by %d KiB, of that %d KiB since the first tenth of the time", (late-before)>>10, (late-early)>>10)
		}
		if lateGoroutines > earlyGoroutines+10 {
			t.Errorf("%d goroutines became %d", earlyGoroutines, lateGoroutines)
		}

		telling.Wait()
		time.Sleep(20 * time.Second) // for what was announced to be fetched
		synctest.Wait()
		c.part(hour)
		c.balance(uint64(hour/tellEvery) * manyRemotes)
	})
}

// gather starts a node and connects the remotes, which speak all the versions that
// announce transactions.
func gather(t *testing.T, pool peers.Pool, isJunk map[types.Hash]bool) *audience {
	t.Helper()
	chain, _ := params.ByName("mainnet")
	c := &audience{t: t}
	c.seen.lost = make(map[string]uint64)
	c.node = startNode(t, chain, c.seen.record)
	served := func(h types.Hash) {
		if isJunk[h] {
			c.junkServed.Add(1)
		}
	}
	for i := range manyRemotes {
		r := peers.NewRemote(c.node.Attach(fmt.Sprintf("remote %d", i), wire.Version(65+i%7)), pool, served)
		c.remotes = append(c.remotes, r)
		c.serving.Go(func() {
			if err := r.Serve(); err != nil {
				t.Errorf("remote %d: %v", i, err)
			}
		})
		if err := r.Greet(); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Wait()
	if n := c.node.Sessions(); n != manyRemotes {
		t.Fatalf("%d sessions are up", n)
	}
	return c
}

// tell runs one remote: every 5 s it tells of a transaction that is new at that time.
func (c *audience) tell(r *peers.Remote, i int, txs []types.Tx, hour time.Duration) {
	end := time.Now().Add(hour)
	rnd := rand.New(rand.NewPCG(1, uint64(i)))
	time.Sleep(tellEvery * time.Duration(i) / manyRemotes)
	for ; time.Now().Before(end); time.Sleep(tellEvery) {
		newest := len(txs) - 1 - int(int64(len(txs))*int64(time.Until(end))/int64(hour+1))
		tx := &txs[max(0, newest-rnd.IntN(tellAmong))]
		if err := tellOne(r, tx, rnd.IntN(4) == 0); err != nil {
			c.t.Errorf("remote %d: %v", i, err)
			return
		}
		c.told.Add(1)
	}
}

// part stops the node, and checks that it kept every peer until then.
func (c *audience) part(hour time.Duration) {
	c.t.Helper()
	if n := c.node.Sessions(); n != manyRemotes {
		c.t.Errorf("%d sessions are up at the end", n)
	}
	c.node.Stop()
	c.serving.Wait()
	pings := uint64(hour/(15*time.Second)) - 1
	for i, r := range c.remotes {
		if end, ok := r.Cause().(*p2p.LocalClose); !ok || end.Reason != p2p.ReasonQuitting {
			c.t.Errorf("remote %d ended because: %v", i, r.Cause())
		}
		if r.Pings.Load() < pings {
			c.t.Errorf("remote %d got %d pings", i, r.Pings.Load())
		}
	}
}

// balance compares the transactions that were told with the recorded events. A reply to the node's request is
// not counted as told, but junk in it is a loss.
func (c *audience) balance(tellings uint64) {
	c.t.Helper()
	s := &c.seen
	c.t.Logf("%d tellings: %d first, %d completed by another, %d sightings, lost %v; %d fetched, and %d that are junk",
		c.told.Load(), s.first, s.later, s.sighting, s.lost, s.asked, c.junkServed.Load())
	if c.told.Load() != tellings {
		c.t.Errorf("%d tellings, want %d", c.told.Load(), tellings)
	}
	invalid := s.lost["txgossip.invalid"]
	if in, out := tellings+c.junkServed.Load(), s.first+s.later+s.sighting+invalid; in != out {
		c.t.Errorf("%d tellings and fetched junk, but %d events and losses", in, out)
	}
	if delete(s.lost, "txgossip.invalid"); len(s.lost) > 0 {
		c.t.Errorf("lost more: %v", s.lost)
	}
}
