// SPDX-License-Identifier: Apache-2.0

// in: headers · out: whether their work was done · owner: any goroutine; the caches are a leaf behind one mutex

package seals

import (
	"sync"

	"github.com/ethpeer/ethpeer/chain/rules/ethash"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// Caches is how many caches are kept: that of the head, the next one, and one for a synchronisation.
const Caches = 3

// A Config says which proofs of work are checked. Params is required.
type Config struct {
	Params *params.Chain
	Test   bool // the small caches of go-ethereum's test mode: for networks whose miners run in that mode

	// Make makes a cache; nil: ethash.NewCache.
	Make func(e ethash.Epoch) (*ethash.Cache, error)
}

// Seals checks proofs of work. It implements chain.Seals. Any goroutine may call its methods.
type Seals struct {
	epoch func(number uint64) ethash.Epoch
	make  func(e ethash.Epoch) (*ethash.Cache, error)

	turn    chan struct{} // held by the goroutine that makes a cache
	makings sync.WaitGroup

	mu     sync.Mutex // guards what follows
	room   *sync.Cond // a cache was made
	caches map[ethash.Epoch]*cache
	uses   uint64
	closed bool
}

// A cache is being made until made is closed.
type cache struct {
	made  chan struct{}
	cache *ethash.Cache
	err   error
	used  uint64 // when: the lower, the longer ago
}

// New returns Seals without caches.
func New(cfg Config) *Seals {
	s := &Seals{
		epoch: epochs(cfg), make: cfg.Make,
		turn: make(chan struct{}, 1), caches: make(map[ethash.Epoch]*cache),
	}
	s.room = sync.NewCond(&s.mu)
	if s.make == nil {
		s.make = ethash.NewCache
	}
	return s
}

// epochs returns which epoch a block is of.
func epochs(cfg Config) func(number uint64) ethash.Epoch {
	if cfg.Test {
		return ethash.Test
	}
	for _, fork := range []string{"thanosBlock", "ecip1099FBlock"} {
		if at, ok := cfg.Params.Forks.At(fork); ok {
			return func(number uint64) ethash.Epoch { return ethash.Classic(number, at) }
		}
	}
	return ethash.Mainnet
}

// Check checks a header's proof of work, and waits for the cache of its epoch. A *rules.Error is the header's fault.
// Other errors are not: the epoch is beyond [ethash.MaxEpoch], or Close was called.
func (s *Seals) Check(h *types.Header) error {
	c, err := s.get(s.epoch(h.Number), true)
	if err != nil {
		return err
	}
	<-c.made
	if c.err != nil {
		return c.err
	}
	s.ahead(h.Number)
	return c.cache.Check(h)
}

// Ready reports whether Check of a header of this number need not wait. If it must, the cache is being made after the
// call.
func (s *Seals) Ready(number uint64) bool {
	c, err := s.get(s.epoch(number), false)
	if err != nil || c == nil {
		return false
	}
	select {
	case <-c.made:
		return true
	default:
		return false
	}
}

// quarter is a fourth of the shortest epoch.
const quarter = 7500

// ahead has the cache of the next epoch made when it is near.
func (s *Seals) ahead(number uint64) {
	if next := number + quarter; next > number && s.epoch(next) != s.epoch(number) {
		_, _ = s.get(s.epoch(next), false) // in vain if there is no room, or no such epoch: Check asks again
	}
}
