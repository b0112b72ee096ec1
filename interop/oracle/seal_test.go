// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"testing"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/chain/rules/ethash"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// sealsEvery returns which part of the seals is checked: one in so many. Each check costs a millisecond or more, so only
// `make interop`, which sets ETHPEER_ALL_SEALS, checks them all.
func sealsEvery() int {
	if os.Getenv("ETHPEER_ALL_SEALS") != "" {
		return 1
	}
	return 64
}

// inParallel calls f for each number below n, on all processors.
func inParallel(n int, f func(i int)) {
	var all sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		all.Go(func() {
			for i := w; i < n; i += workers {
				f(i)
			}
		})
	}
	all.Wait()
}

// TestSeals: the 16,384 mined headers of Sepolia, or one in [sealsEvery] of them, have their proof of work and follow each
// other; with any one bit of one header changed, or a random one of another, none is accepted.
func TestSeals(t *testing.T) {
	sepolia, _ := params.ByName("sepolia")
	blocks := map[ethash.Epoch][][2]types.Header{} // with their parents
	for _, e := range eras(t) {
		var parent types.Header
		for i, raw := range e.headers {
			h, err := types.DecodeHeader(raw.bytes(t))
			if err != nil {
				t.Fatal(err)
			}
			if i > 0 {
				epoch := ethash.Mainnet(h.Number)
				blocks[epoch] = append(blocks[epoch], [2]types.Header{parent, h})
			}
			parent = h
		}
	}
	for epoch, pairs := range blocks {
		t.Run(fmt.Sprintf("epoch %d", epoch.Number), func(t *testing.T) {
			cache, err := ethash.NewCache(epoch)
			if err != nil {
				t.Fatal(err)
			}
			check := func(parent, h *types.Header) error {
				if err := rules.Check(sepolia, parent, h); err != nil {
					return err
				}
				return cache.Check(h)
			}
			every := sealsEvery()
			inParallel((len(pairs)+every-1)/every, func(i int) {
				if pair := &pairs[i*every]; check(&pair[0], &pair[1]) != nil {
					t.Errorf("block %d: %v", pair[1].Number, check(&pair[0], &pair[1]))
				}
			})
			accepts := func(pair *[2]types.Header, bit int) {
				raw := append([]byte(nil), pair[1].Raw...)
				raw[bit/8] ^= 1 << (bit % 8)
				h, err := types.DecodeHeader(raw)
				if err == nil && check(&pair[0], &h) == nil {
					t.Errorf("block %d is accepted with bit %d changed", pair[1].Number, bit)
				}
			}
			if epoch.Number == 0 {
				inParallel(len(pairs[4000][1].Raw)*8/every, func(i int) { accepts(&pairs[4000], i*every) })
			}
			r := rand.New(rand.NewPCG(5, epoch.Number))
			for range max(400/every, 20) {
				pair := &pairs[r.IntN(len(pairs))]
				accepts(pair, r.IntN(len(pair[1].Raw)*8))
			}
		})
	}
}
