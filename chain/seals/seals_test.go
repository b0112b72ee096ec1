// SPDX-License-Identifier: Apache-2.0

package seals

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/chain/rules/ethash"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// mine returns a header of this number with its proof of work in test sizes.
func mine(t *testing.T, number uint64) types.Header {
	t.Helper()
	c, err := ethash.NewCache(ethash.Test(number))
	if err != nil {
		t.Fatal(err)
	}
	h := types.Header{Number: number, Difficulty: *uint256.NewInt(4), UncleHash: types.EmptyUncleHash}
	for nonce := uint64(0); ; nonce++ {
		binary.BigEndian.PutUint64(h.Nonce[:], nonce)
		h.MixDigest, _ = c.Hash(ethash.SealHash(&h), nonce)
		if c.Check(&h) == nil {
			return h
		}
	}
}

func TestCheck(t *testing.T) {
	s := New(Config{Params: &params.Chain{}, Test: true})
	defer s.Close()
	for _, number := range []uint64{1, 29_999, 30_000, 1, 200_000} {
		h := mine(t, number)
		if err := s.Check(&h); err != nil {
			t.Error(number, err)
		}
		h.Nonce[7]++
		if broken, ok := errors.AsType[*rules.Error](s.Check(&h)); !ok || broken.Rule != rules.MixDigest {
			t.Error(number, broken)
		}
	}
	if err := s.Check(&types.Header{Number: math.MaxUint64}); err == nil {
		t.Error("a made-up epoch has a cache")
	} else if _, ok := errors.AsType[*rules.Error](err); ok {
		t.Error("that is no fault of the header:", err)
	}
}

// A maker makes small caches of large epochs, slowly.
type maker struct {
	mu     sync.Mutex
	made   []ethash.Epoch
	now    atomic.Int32
	t      *testing.T
	result *ethash.Cache
}

func (m *maker) make(e ethash.Epoch) (*ethash.Cache, error) {
	if m.now.Add(1) > 1 {
		m.t.Error("two caches are made at once")
	}
	time.Sleep(time.Second)
	m.now.Add(-1)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.made = append(m.made, e)
	return m.result, nil
}

func (m *maker) epochs() []ethash.Epoch {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.made)
}

func (m *maker) count() int { return len(m.epochs()) }

func newMaker(t *testing.T) *maker {
	c, err := ethash.NewCache(ethash.Test(0))
	if err != nil {
		t.Fatal(err)
	}
	return &maker{t: t, result: c}
}

// TestSingleFlight: many checks of one epoch make one cache, the caches are bounded, and made one at a time.
func TestSingleFlight(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		m := newMaker(t)
		s := New(Config{Params: &params.Chain{}, Make: m.make})
		var all sync.WaitGroup
		check := func(epochs int) {
			for i := range 50 {
				all.Go(func() {
					h := types.Header{Number: uint64(i%epochs) * 30_000, Difficulty: *uint256.NewInt(1)}
					_ = s.Check(&h) // the work is wrong
				})
			}
			all.Wait()
		}
		check(Caches)
		if m.count() != Caches {
			t.Errorf("%d caches were made for %d epochs", m.count(), Caches)
		}
		check(5 * Caches)
		if len(s.caches) > Caches {
			t.Errorf("%d caches are kept", len(s.caches))
		}
		s.Close()
	})
}

// TestAhead: near the end of an epoch the cache of the next is made, and nothing waits for it.
func TestAhead(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		m := newMaker(t)
		s := New(Config{Params: &params.Chain{}, Make: m.make})
		defer s.Close()
		if s.Ready(100) {
			t.Error("ready from the start")
		}
		time.Sleep(2 * time.Second)
		if !s.Ready(100) {
			t.Error("Ready makes no cache")
		}
		_ = s.Check(&types.Header{Number: 20_000, Difficulty: *uint256.NewInt(1)})
		time.Sleep(2 * time.Second)
		if m.count() != 1 {
			t.Errorf("made too early: %v", m.epochs())
		}
		_ = s.Check(&types.Header{Number: 25_000, Difficulty: *uint256.NewInt(1)})
		time.Sleep(2 * time.Second)
		if m.count() != 2 || !s.Ready(30_000) {
			t.Errorf("not made ahead: %v", m.epochs())
		}
		_ = s.Check(&types.Header{Number: math.MaxUint64, Difficulty: *uint256.NewInt(1)})
	})
}

func TestClose(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		s := New(Config{Params: &params.Chain{}, Make: newMaker(t).make})
		var failed atomic.Int32
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() {
				if errors.Is(s.Check(&types.Header{Number: uint64(i) * 30_000}), errClosed) {
					failed.Add(1)
				}
			})
		}
		synctest.Wait()
		s.Close()
		all.Wait()
		if failed.Load() != 9 || s.Ready(0) {
			t.Errorf("%d checks failed", failed.Load())
		}
	})
}

// TestEpochs: Classic's epochs are twice as long from Thanos on, by either name of the fork.
func TestEpochs(t *testing.T) {
	for _, name := range []string{"classic", "mordor", "mainnet"} {
		p, _ := params.ByName(name)
		thanos, has := p.Forks.At("thanosBlock")
		epoch := epochs(Config{Params: p})
		for _, n := range []uint64{0, 2_519_999, 2_520_000, 11_699_999, 11_700_000, 15_000_000} {
			want := ethash.Mainnet(n)
			if has {
				want = ethash.Classic(n, thanos)
			}
			if epoch(n) != want {
				t.Errorf("%s, block %d: epoch %v, want %v", name, n, epoch(n), want)
			}
		}
	}
	p := &params.Chain{Forks: params.ForkSchedule{Blocks: []params.Fork{{Name: "ecip1099FBlock", At: 60_000}}}}
	if epochs(Config{Params: p})(60_000) != ethash.Classic(60_000, 60_000) {
		t.Error("the name of core-geth is not known")
	}
}
