// SPDX-License-Identifier: Apache-2.0

package head

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/chain"
)

// A block every 12 s that reaches peers within 3 s, and fifty peers of which a tenth answers nothing and a tenth
// is two blocks behind: each block is the head before the next one, and costs about one request per peer.
func TestHeadKeepsPace(t *testing.T) {
	n := &network{t: t, m: newTestPeers(), now: epoch, top: 1000, answer: map[string]func(Ask[string]) []chain.Link{}, added: map[uint64]int{}}
	rnd := rand.New(rand.NewPCG(1, 2))
	born := map[uint64]time.Time{}
	const peers, blocks, tick = 50, 20, 100 * time.Millisecond
	for i := range peers {
		delay := time.Duration(rnd.Float64() * float64(3*time.Second))
		n.join(fmt.Sprint("p", i), "69", "1000", func(a Ask[string]) []chain.Link {
			defer func(top uint64) { n.top = top }(n.top)
			if at, ok := born[n.top]; ok && n.now.Sub(at) < delay {
				n.top--
			}
			switch i % 10 {
			case 9:
				return nil
			case 8:
				n.top -= 2
			}
			return n.honest(a)
		})
	}
	for range 300 {
		n.step(tick)
	}
	n.asks = 0
	var sum time.Duration
	for range blocks {
		n.top++
		born[n.top] = n.now
		reached := time.Duration(0)
		for range 12 * time.Second / tick {
			n.step(tick)
			if head, _ := n.m.Head(); reached == 0 && head.Number == n.top {
				reached = n.now.Sub(born[n.top])
			}
		}
		if reached == 0 || n.added[n.top] != 1 {
			t.Errorf("block %d is not the head after 12 s, or is new %d times", n.top, n.added[n.top])
		}
		sum += reached
	}
	if mean, each := sum/blocks, float64(n.asks)/blocks/peers; mean > 6*time.Second || each > 1.2 {
		t.Errorf("a block is the head after %v, with %.2f requests per peer", mean, each)
	}
}
