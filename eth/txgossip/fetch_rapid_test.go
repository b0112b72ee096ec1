// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/types"
)

// TestFetchAnyOrder sends events in any order and holds the machine to its invariants and
// to what a peer can see: at most one request at a time, and only for what it announced.
func TestFetchAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newFetch(rapid.IntRange(1, 30).Draw(t, "limit"), rand.New(rand.NewPCG(1, 2)))
		now := time.Time{}
		busy := map[peerID]bool{}
		timeouts := map[peerID]time.Time{}
		up := map[peerID]bool{}
		announced := map[peerID]map[types.Hash]bool{}
		peer := rapid.Map(rapid.IntRange(1, 4), func(n int) peerID { return peerID(n) })
		hashes := rapid.SliceOfN(rapid.Map(rapid.Uint64Range(1, 40), hashOf), 0, 12)

		do := func(actions []action) {
			for _, a := range actions {
				switch {
				case a.fault != nil && !up[a.peer]:
					t.Fatalf("peer %d is ended, but is not up", a.peer)
				case a.fault != nil:
					up[a.peer] = false
				case !up[a.peer]:
					t.Fatalf("peer %d is asked, but is not up", a.peer)
				case busy[a.peer]:
					t.Fatalf("peer %d is asked, but is busy", a.peer)
				case len(a.ask) == 0:
					t.Fatalf("peer %d is asked for nothing", a.peer)
				default:
					busy[a.peer] = true
					for _, h := range a.ask {
						if !announced[a.peer][h] {
							t.Fatalf("peer %d is asked for %v, which it did not announce", a.peer, h)
						}
					}
				}
			}
		}
		bodiesOf := func(hs []types.Hash) (bodies []body) {
			for _, h := range hs {
				bodies = append(bodies, body{hash: h})
			}
			return bodies
		}
		t.Repeat(map[string]func(*rapid.T){
			"up": func(t *rapid.T) {
				p := peer.Draw(t, "peer")
				f.onPeerUp(p)
				if !up[p] {
					up[p], busy[p], announced[p] = true, false, map[types.Hash]bool{}
				}
			},
			"down": func(t *rapid.T) {
				p := peer.Draw(t, "peer")
				up[p] = false
				do(f.onPeerDown(p))
			},
			"announce": func(t *rapid.T) {
				p := peer.Draw(t, "peer")
				var items []item
				for _, h := range hashes.Draw(t, "hashes") {
					it := item{hash: h, typed: rapid.Bool().Draw(t, "typed")}
					if it.typed {
						it.kind = uint8(rapid.IntRange(2, 3).Draw(t, "kind"))
						it.size = rapid.SampledFrom([]uint64{100, 70_000, 1 << 60}).Draw(t, "size")
					}
					items = append(items, it)
					if up[p] {
						announced[p][h] = true
					}
				}
				do(f.onAnnounce(now, p, items))
			},
			"bodies": func(t *rapid.T) { do(f.onBodies(bodiesOf(hashes.Draw(t, "hashes")))) },
			"reply": func(t *rapid.T) {
				p := peer.Draw(t, "peer")
				busy[p] = false
				do(f.onReply(p, bodiesOf(hashes.Draw(t, "hashes"))))
			},
			"timeout": func(t *rapid.T) {
				p := peer.Draw(t, "peer")
				timeouts[p] = now
				do(f.onTimeout(now, p))
			},
			"tick": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 50, 100, 450, 700, 40_000}).Draw(t, "ms")) * time.Millisecond)
				for p, at := range timeouts { // a peer that is silent for long may be asked again
					if now.Sub(at) >= muteFor {
						busy[p] = false
						delete(timeouts, p)
					}
				}
				do(f.onTick(now))
			},
			"": func(t *rapid.T) {
				if err := f.checkInvariants(); err != nil {
					t.Fatal(err)
				}
			},
		})
	})
}
