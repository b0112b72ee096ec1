// SPDX-License-Identifier: Apache-2.0

package head

import (
	"fmt"
	"testing"
	"time"

	"github.com/holiman/uint256"
	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/chain"
)

// TestPeersAnyOrder sends events in any order, with answers that fit and others. A peer has one
// request in flight, is asked only while it is up, and a block is new once.
func TestPeersAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := epoch
		m := NewPeers[int](Config{
			Genesis: blockOf("0"), Recent: 2000,
			Choose: func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "choice") },
		})
		up, asked, told := map[int]bool{}, map[int]*Ask[int]{}, map[chain.Ref]bool{}
		peers := rapid.IntRange(1, 4)
		block := rapid.Custom(func(t *rapid.T) chain.Link {
			n := rapid.IntRange(1, 120).Draw(t, "number")
			if n > 100 {
				n *= 5
			}
			return blockOf(fmt.Sprintf("%d%s", n, rapid.SampledFrom([]string{"", "", "b", "x<7"}).Draw(t, "branch")))
		})
		check := func(news []chain.Link, id int, err error) {
			for i := range news {
				if told[news[i].Ref()] {
					t.Fatalf("%s is new twice", name(news[i].Hash))
				}
				told[news[i].Ref()] = true
			}
			if err != nil {
				m.Leave(now, id)
				up[id] = false
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"join": func(t *rapid.T) {
				p := peers.Draw(t, "peer")
				if up[p] {
					return
				}
				up[p], asked[p] = true, nil
				b := block.Draw(t, "latest")
				v := rapid.SampledFrom([]string{"65", "68", "69"}).Draw(t, "version")
				info := infoOf([]string{v, name(b.Hash)})
				if rapid.Bool().Draw(t, "inbound") {
					info.Origin = infoOf([]string{v, "1", rapid.SampledFrom([]string{"10.1.0.0/16", "10.2.0.0/16"}).Draw(t, "group")}).Origin
				}
				m.Join(now, p, info)
			},
			"leave": func(t *rapid.T) {
				p := peers.Draw(t, "peer")
				up[p] = false
				m.Leave(now, p)
			},
			"told": func(t *rapid.T) {
				b := block.Draw(t, "block")
				m.Told(now, peers.Draw(t, "peer"), b.Ref())
			},
			"gossiped": func(t *rapid.T) {
				p, b := peers.Draw(t, "peer"), block.Draw(t, "block")
				check(nil, p, m.Gossiped(now, p, b))
				told[b.Ref()] = told[b.Ref()] || m.Has(b.Hash)
			},
			"range": func(t *rapid.T) {
				b := block.Draw(t, "latest")
				m.Range(now, peers.Draw(t, "peer"), b.Ref())
			},
			"headers": func(t *rapid.T) {
				p := peers.Draw(t, "peer")
				hs := rapid.SliceOfN(block, 0, 2).Draw(t, "headers")
				if q := asked[p]; q != nil && rapid.Bool().Draw(t, "fit") {
					hs = answer(t, q)
				}
				asked[p] = nil
				news, err := m.Headers(now, p, hs)
				check(news, p, err)
			},
			"noheaders": func(t *rapid.T) {
				p := peers.Draw(t, "peer")
				asked[p] = nil
				m.NoHeaders(now, p)
			},
			"busy": func(t *rapid.T) {
				p := peers.Draw(t, "peer")
				asked[p] = nil
				m.Busy(now, p)
			},
			"time": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
			},
			"": func(t *rapid.T) {
				one := rapid.IntRange(0, 9).Draw(t, "held")
				held := func(p int) bool { return p == one }
				asks, _ := m.Next(now, held)
				for _, a := range asks {
					if !up[a.Peer] || asked[a.Peer] != nil {
						t.Fatalf("asks %+v; up %v, being asked %v", a, up[a.Peer], asked[a.Peer])
					}
					asked[a.Peer] = &a
				}
				if err := m.checkInvariants(now, held); err != nil {
					t.Fatal(err)
				}
				if head, ok := m.Head(); ok && head.Supporters > len(m.peers) {
					t.Fatalf("%d supporters of %d peers", head.Supporters, len(m.peers))
				}
			},
		})
	})
}

// answer is what an honest peer on the branch without a letter says.
func answer(t *rapid.T, q *Ask[int]) (hs []chain.Link) {
	if !q.Hash.IsZero() {
		return []chain.Link{blockOf(name(q.Hash))}
	}
	for i := range rapid.IntRange(0, 70).Draw(t, "held") {
		if uint64(i) < q.Amount {
			hs = append(hs, blockOf(fmt.Sprint(q.Number+uint64(i))))
		}
	}
	return hs
}

// FuzzTracker has peers say, tell and leave, and blocks come, in any order, at the largest numbers,
// too.
func FuzzTracker(f *testing.F) {
	f.Add([]byte{0, 1, 1, 0, 1, 1, 2, 1, 1, 1, 5, 0, 0})
	f.Add([]byte{0, 1, 2, 0, 2, 2, 1, 1, 2, 1, 2, 2, 5, 0, 0, 3, 1, 1, 5, 0, 0, 4, 1, 1})
	f.Fuzz(func(t *testing.T, ops []byte) {
		tr := NewTracker[int](chain.Link{Hash: hashOf(1, 0)}, 12)
		for i := 0; i+2 < len(ops) && i < 900; i += 3 {
			a, b := ops[i+1], ops[i+2]
			n := uint64(a % 16)
			if a > 250 {
				n = ^uint64(0) - uint64(a-251)
			}
			branch, peer := 1+b%4, int(b>>2)%6
			l := chain.Link{Hash: hashOf(branch, n), Parent: hashOf(branch, n-1), Number: n, Time: 10 * (n % 1000), Difficulty: *uint256.NewInt(uint64(branch))}
			if b&0x80 != 0 {
				l.Parent = hashOf(1+branch%4, n-1) // a fork
			}
			switch ops[i] % 8 {
			case 0:
				_ = tr.Add(peer, l, false)
			case 1:
				_ = tr.Add(peer, l, true)
			case 2:
				tr.Latest(peer, l.Ref())
			case 3:
				tr.Told(peer, l.Ref())
			case 4:
				tr.Leave(peer)
			case 5:
				tr.LatestHash(peer, l.Hash)
			case 6:
				tr.Withdraw(peer, l.Hash)
			case 7:
				tr.Join(peer, infoOf([]string{"69", "0", "10.1.0.0/16"}).Origin)
			}
			before, had := tr.Head()
			head, changed := tr.Settle()
			switch {
			case changed && had && head.Hash == before.Hash:
				t.Fatal("changed to the same")
			case head.Supporters > len(tr.peers), changed && head.Supporters == 0:
				t.Fatalf("%d supporters of %d", head.Supporters, len(tr.peers))
			case changed && !tr.Recent.Has(head.Hash):
				t.Fatal("the head is not held")
			}
			if again, more := tr.Settle(); more || again.Hash != head.Hash {
				t.Fatal("settles twice")
			}
			if err := tr.checkInvariants(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
