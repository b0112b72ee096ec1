// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"fmt"
	"testing"
	"time"

	"github.com/holiman/uint256"
	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// watcher holds the machine to what can be seen from outside: a peer has one request of
// each sort in flight, and a block is told of once.
type watcher struct {
	up, headers, bodies map[peerID]bool
	told                map[types.Hash]bool
}

func (w *watcher) watch(t *rapid.T, actions []action) {
	for _, a := range actions {
		switch {
		case a.block != nil && w.told[a.block.Hash]:
			t.Fatalf("block %s is told twice", name(a.block.Hash))
		case a.block != nil:
			w.told[a.block.Hash] = true
		case a.head != nil:
		case !w.up[a.peer]:
			t.Fatalf("peer %d is not up: %+v", a.peer, a)
		case a.fault != nil:
			w.up[a.peer] = false
		case a.headers != nil && w.headers[a.peer], a.bodies != nil && w.bodies[a.peer]:
			t.Fatalf("peer %d is busy: %+v", a.peer, a)
		case a.headers != nil:
			w.headers[a.peer] = true
		default:
			w.bodies[a.peer] = true
		}
	}
}

// TestMachineAnyOrder sends events in any order, with answers that fit and others.
func TestMachineAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := epoch
		draw := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "choice") }
		m := newMachine(blockOf("0").Link, 3, draw)
		w := &watcher{map[peerID]bool{}, map[peerID]bool{}, map[peerID]bool{}, map[types.Hash]bool{}}
		peers := rapid.Map(rapid.IntRange(1, 4), func(n int) peerID { return peerID(n) })
		block := rapid.Custom(func(t *rapid.T) header {
			n := rapid.IntRange(1, 120).Draw(t, "number")
			if n > 100 {
				n *= 5
			}
			return blockOf(fmt.Sprintf("%d%s%s", n, rapid.SampledFrom([]string{"", "", "b"}).Draw(t, "branch"),
				rapid.SampledFrom([]string{"", "", "!"}).Draw(t, "body")))
		})
		do := func(actions []action) { w.watch(t, actions) }

		t.Repeat(map[string]func(*rapid.T){
			"up": func(t *rapid.T) {
				p := peers.Draw(t, "peer")
				if w.up[p] {
					return
				}
				w.up[p], w.headers[p], w.bodies[p] = true, false, false
				v := rapid.SampledFrom([]int{65, 68, 69}).Draw(t, "version")
				b := block.Draw(t, "latest")
				do(m.onPeerUp(now, p, greeting{
					teller: event.Source{}, latest: b.Ref(), ranged: v >= 69, exact: v >= 66, td: *uint256.NewInt(b.Number),
				}))
			},
			"down": func(t *rapid.T) {
				p := peers.Draw(t, "peer")
				w.up[p] = false
				do(m.onPeerDown(now, p))
			},
			"hashes": func(t *rapid.T) {
				var refs []chain.Ref
				for _, b := range rapid.SliceOfN(block, 0, 3).Draw(t, "blocks") {
					refs = append(refs, b.Ref())
				}
				do(m.onHashes(now, peers.Draw(t, "peer"), refs))
			},
			"newblock": func(t *rapid.T) {
				b := block.Draw(t, "block")
				do(m.onNewBlock(now, peers.Draw(t, "peer"), b, uint256.NewInt(b.Number)))
			},
			"range": func(t *rapid.T) {
				b := block.Draw(t, "latest")
				do(m.onRange(now, peers.Draw(t, "peer"), b.Ref()))
			},
			"headers": func(t *rapid.T) {
				p := peers.Draw(t, "peer")
				hs := rapid.SliceOfN(block, 0, 2).Draw(t, "headers")
				if mp := m.byID[p]; mp != nil && mp.asking != nil && rapid.Bool().Draw(t, "fit") {
					hs = answer(t, mp.asking)
				}
				w.headers[p] = false
				do(m.onHeaders(now, p, hs))
			},
			"noheaders": func(t *rapid.T) {
				p := peers.Draw(t, "peer")
				w.headers[p] = false
				do(m.onNoHeaders(now, p))
			},
			"busy": func(t *rapid.T) {
				p := peers.Draw(t, "peer")
				w.headers[p], w.bodies[p] = false, false
				do(m.onHeadersBusy(now, p))
				do(m.onBodiesBusy(now, p))
			},
			"bodies": func(t *rapid.T) {
				p := peers.Draw(t, "peer")
				var roots []chain.Roots
				if mp := m.byID[p]; mp != nil {
					for _, h := range mp.bodies {
						if rapid.Bool().Draw(t, "held") {
							roots = append(roots, h.Roots)
						}
					}
				}
				w.bodies[p] = false
				do(m.onBodies(now, p, roots))
			},
			"nobodies": func(t *rapid.T) {
				p := peers.Draw(t, "peer")
				w.bodies[p] = false
				do(m.onNoBodies(now, p))
			},
			"tick": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
				do(m.onTick(now))
			},
			"": func(t *rapid.T) {
				if err := m.checkInvariants(); err != nil {
					t.Fatal(err)
				}
				if at, ok := m.deadline(); ok && at.Before(now) {
					t.Fatalf("deadline is %v in the past", now.Sub(at))
				}
			},
		})
	})
}

// answer is what an honest peer on the branch without a letter says.
func answer(t *rapid.T, q *headersQuery) (hs []header) {
	if q.byHash() {
		return []header{blockOf(name(q.hash))}
	}
	for i := range rapid.IntRange(0, 70).Draw(t, "held") {
		if uint64(i) < q.amount {
			hs = append(hs, blockOf(fmt.Sprint(q.number+uint64(i))))
		}
	}
	return hs
}
