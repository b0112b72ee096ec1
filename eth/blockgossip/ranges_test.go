// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/peers"
)

func TestRangesDue(t *testing.T) {
	at := time.Unix(1000, 0)
	for _, test := range []struct {
		told, head uint64
		want       time.Duration
	}{
		{100, 101, rangeEvery}, {100, 131, rangeEvery}, {100, 132, rangeGap}, {100, 1000, rangeGap}, {100, 99, rangeGap},
	} {
		s := stated{chain.Ref{Number: test.told}, at}
		if got := s.dueAt(chain.Ref{Number: test.head}).Sub(at); got != test.want {
			t.Errorf("told %d, at %d: due after %v", test.told, test.head, got)
		}
	}
}

// A peer is told our range after 32 blocks or two minutes, when it falls, and never right after Status.
func TestRangeIsTold(t *testing.T) {
	relayOn(t, func(r *relaying) {
		line := []*peers.Block{r.genesis}
		for i := range 40 {
			line = append(line, line[i].Next(r.params, now()-10_000+uint64(i)*20, "", someTx))
		}
		grow := func(from, to int) {
			var raw [][]byte
			for _, b := range line[from : to+1] {
				raw = append(raw, b.Header.Append(nil))
			}
			if _, err := r.chain.InsertHeaders(time.Now(), raw); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		want := func(p *peers.Peer, n int) {
			t.Helper()
			if got := p.Heard()[wire.KindBlockRangeUpdate]; got != n {
				t.Fatalf("%d updates, want %d", got, n)
			}
		}
		var all []*peers.Peer
		pass := func(d time.Duration) {
			for ; d > 0; d -= time.Second {
				time.Sleep(time.Second) // in a bubble
				for _, p := range all {
					if err := p.Say(peers.CodePong, []byte{0xc0}); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		old, p := r.node.Join("old", 68), r.node.Join("p", 69)
		all = append(all, old, p)
		grow(1, 1)
		want(p, 0)
		pass(rangeEvery - time.Second)
		want(p, 0)
		pass(time.Second)
		want(p, 1)
		grow(2, 32)
		pass(rangeGap)
		want(p, 0)
		grow(33, 33)
		want(p, 1)
		q := r.node.Join("q", 70)
		all = append(all, q)
		pass(5 * time.Minute)
		want(p, 0)
		want(q, 0)
		want(old, 0)
	})
}
