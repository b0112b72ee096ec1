// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/metrics"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/ecc"
	"github.com/ethpeer/ethpeer/internal/swarm"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// The day of a node with very many peers, in virtual time. Under the race detector it is
// shorter: what it does there is the same, only less often.
const (
	manyRemotes = 300
	tellEvery   = 5 * time.Second // 0.2 transactions per second and remote
	tellAmong   = 100             // a remote tells one of this many that are new about then

	scaleCap    = 16 << 20 // heap of node and remotes together, beyond what was there before
	scaleGrowth = 4 << 20  // of that, from the first tenth of the time to the last
)

func scale() (virtualHour time.Duration, good, junk int) {
	if swarm.Race {
		return 5 * time.Minute, 900, 100
	}
	return time.Hour, 4000, 40
}

// count is what the node recorded.
type count struct {
	mu                            sync.Mutex
	first, later, asked, sighting uint64 // guarded by mu
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
		if c.lost == nil {
			c.lost = make(map[string]uint64)
		}
		c.lost[e.Where] += e.Count
	}
}

// TestManyRemotesForAnHour: each telling of a transaction is an event or a counted loss;
// nobody is dropped; memory and goroutines do not grow. That no goroutine remains is seen
// to by synctest, and by goleak.
func TestManyRemotesForAnHour(t *testing.T) {
	hour, good, junk := scale()
	txs, pool, isJunk := manyTxs(t, good, junk)
	heap := heapInUse()
	synctest.Test(t, func(t *testing.T) {
		chain, _ := params.ByName("mainnet")
		var seen count
		node, err := swarm.Start(chain, seen.record)
		if err != nil {
			t.Fatal(err)
		}
		var junkServed atomic.Uint64
		onServe := func(h types.Hash) {
			if isJunk[h] {
				junkServed.Add(1)
			}
		}
		var remotes []*swarm.Remote
		var serving, telling sync.WaitGroup
		var told atomic.Uint64
		for i := range manyRemotes {
			name := fmt.Sprintf("remote %d", i)
			v := wire.Version(65 + i%7)
			r := swarm.NewRemote(node.Attach(name, v), chain, pool, onServe)
			remotes = append(remotes, r)
			serving.Go(func() {
				if err := r.Serve(); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			})
			if err := r.Greet(); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if n := node.Sessions(); n != manyRemotes {
			t.Fatalf("%d sessions are up", n)
		}

		end := time.Now().Add(hour)
		for i, r := range remotes {
			telling.Go(func() {
				rnd := rand.New(rand.NewPCG(1, uint64(i)))
				time.Sleep(tellEvery * time.Duration(i) / manyRemotes)
				for ; time.Now().Before(end); time.Sleep(tellEvery) {
					left := time.Until(end)
					at := len(txs) - 1 - int(int64(len(txs))*int64(left)/int64(hour+1))
					at = max(0, at-rnd.IntN(tellAmong))
					if err := tellOne(r, &txs[at], rnd.IntN(4) == 0); err != nil {
						t.Errorf("remote %d: %v", i, err)
						return
					}
					told.Add(1)
				}
			})
		}
		time.Sleep(hour / 10)
		synctest.Wait()
		earlyHeap, earlyGoroutines := heapInUse(), runtime.NumGoroutine()
		time.Sleep(hour * 8 / 10)
		synctest.Wait()
		lateHeap, lateGoroutines := heapInUse(), runtime.NumGoroutine()
		telling.Wait()
		time.Sleep(20 * time.Second) // for what was announced to be fetched, and losses to be reported
		synctest.Wait()
		if n := node.Sessions(); n != manyRemotes {
			t.Errorf("%d sessions are up at the end", n)
		}
		pings := uint64(hour/(15*time.Second)) - 1
		for i, r := range remotes {
			if r.Pings.Load() < pings {
				t.Errorf("remote %d got %d pings", i, r.Pings.Load())
			}
		}
		node.Stop()
		serving.Wait()
		for i, r := range remotes {
			if c, ok := r.Cause().(*p2p.LocalClose); !ok || c.Reason != p2p.ReasonQuitting {
				t.Errorf("remote %d ended because: %v", i, r.Cause())
			}
		}

		t.Logf("%d tellings: %d first, %d completed by another, %d sightings, lost %v; %d fetched, %d of them junk; heap %d KiB, then %d KiB more; %d goroutines, then %d",
			told.Load(), seen.first, seen.later, seen.sighting, seen.lost, seen.asked, junkServed.Load(),
			(earlyHeap-heap)>>10, (lateHeap-earlyHeap)>>10, earlyGoroutines, lateGoroutines)
		// An answer to a request of ours is no telling, but junk in it is a loss.
		if want := uint64(hour/tellEvery) * manyRemotes; told.Load() != want {
			t.Errorf("%d tellings, want %d", told.Load(), want)
		}
		events := seen.first + seen.later + seen.sighting + seen.lost["txgossip.invalid"]
		if tellings := told.Load() + junkServed.Load(); tellings != events {
			t.Errorf("%d tellings and fetched junk, but %d events and losses", tellings, events)
		}
		for where := range seen.lost {
			if where != "txgossip.invalid" {
				t.Errorf("lost %d in %s", seen.lost[where], where)
			}
		}
		if lateHeap-heap > scaleCap || lateHeap-earlyHeap > scaleGrowth {
			t.Errorf("the heap grew by %d KiB, of that %d KiB since the first tenth of the time", (lateHeap-heap)>>10, (lateHeap-earlyHeap)>>10)
		}
		if lateGoroutines > earlyGoroutines+10 {
			t.Errorf("%d goroutines became %d", earlyGoroutines, lateGoroutines)
		}
	})
}

// tellOne tells of a transaction: all of it, or its hash.
func tellOne(r *swarm.Remote, tx *types.Tx, whole bool) error {
	if whole {
		dst, list := rlp.OpenList(nil)
		return r.Tell(wire.KindTransactions, rlp.CloseList(tx.AppendItem(dst), list))
	}
	one := wire.Announced{Hash: tx.Hash(), Type: tx.Type, Size: uint64(len(tx.Binary()))}
	return r.Tell(wire.KindNewPooledTransactionHashes, wire.AppendAnnouncement(nil, r.Version(), []wire.Announced{one}))
}

// manyTxs makes signed transactions, evenly among them some whose signature is invalid.
func manyTxs(t *testing.T, good, bad int) (txs []types.Tx, pool swarm.Pool, isJunk map[types.Hash]bool) {
	t.Helper()
	key, err := ecc.ParsePrivateKey(slices.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	pool, isJunk = make(swarm.Pool), make(map[types.Hash]bool)
	for i := range good + bad {
		tx, err := types.Sign(types.Tx{
			Type: types.DynamicFeeTx, ChainID: *uint256.NewInt(1), Nonce: uint64(i), Gas: 21000,
			FeeCap: *uint256.NewInt(1e9), To: types.Address{1},
		}, key)
		if err != nil {
			t.Fatal(err)
		}
		if i*bad/(good+bad) != (i+1)*bad/(good+bad) {
			tx = spoil(t, &tx)
			isJunk[tx.Hash()] = true
		}
		pool[tx.Hash()] = tx.AppendItem(nil)
		txs = append(txs, tx)
	}
	return txs, pool, isJunk
}

// spoil returns a transaction of the same form whose signature is invalid: R is no
// coordinate.
func spoil(t *testing.T, tx *types.Tx) types.Tx {
	t.Helper()
	item := tx.AppendItem(nil)
	r := bytes.Index(item, tx.R.Bytes())
	for i := range len(tx.R.Bytes()) {
		item[r+i] = 0xff
	}
	bad, err := types.DecodeTx(item)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bad.Sender(); err == nil {
		t.Fatal("the signature is somebody's") // R of 31 bytes or less: change the key
	}
	return bad
}

// heapInUse returns how many bytes are reachable.
func heapInUse() int64 {
	runtime.GC()
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}} // what is allocated meanwhile does not count
	metrics.Read(live)
	return int64(live[0].Value.Uint64())
}
