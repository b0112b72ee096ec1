// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/chain/rules/ethash"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// TestSeals: all 16,384 mined headers of Sepolia have their proof of work and follow each other;
// with any one bit of one header changed, or a random one of another, none is accepted.
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
			t.Parallel()
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
			for i := range pairs {
				if err := check(&pairs[i][0], &pairs[i][1]); err != nil {
					t.Fatal(err)
				}
			}
			accepts := func(pair *[2]types.Header, bit int) {
				raw := append([]byte(nil), pair[1].Raw...)
				raw[bit/8] ^= 1 << (bit % 8)
				h, err := types.DecodeHeader(raw)
				if err == nil && check(&pair[0], &h) == nil {
					t.Errorf("block %d is accepted with bit %d changed", pair[1].Number, bit)
				}
			}
			if epoch.Number == 0 {
				for bit := range len(pairs[4000][1].Raw) * 8 {
					accepts(&pairs[4000], bit)
				}
			}
			r := rand.New(rand.NewPCG(5, epoch.Number))
			for range 400 {
				pair := &pairs[r.IntN(len(pairs))]
				accepts(pair, r.IntN(len(pair[1].Raw)*8))
			}
		})
	}
}
