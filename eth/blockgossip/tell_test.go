// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/types"
)

// One peer cannot fill the output with blocks that contradict others; the blocks of the chain are told
// meanwhile, also if the peer is always first with another one on the same parent.
func TestForksOfOnePeer(t *testing.T) {
	listen(t, func(l *listening) {
		a, b, z := l.node.Join("a", 68), l.node.Join("b", 68), l.node.Join("z", 68)
		forks := 0
		last := build(l.chain.GenesisHash, 1, 0)
		for n := range 100 {
			if n > 0 {
				last = build(last.hash, last.header.Number+1, 0)
			}
			for range 20 {
				forks++
				fork := build(last.header.ParentHash, last.header.Number, 0, func(h *types.Header) { h.Root = types.Hash{byte(forks), byte(forks >> 8)} })
				z.SendRaw(wire.KindNewBlock, fork.newBlock(1))
			}
			synctest.Wait()
			a.SendRaw(wire.KindNewBlock, last.newBlock(1))
			b.SendRaw(wire.KindNewBlock, last.newBlock(1))
			synctest.Wait()
			time.Sleep(100 * time.Millisecond) // in a bubble
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		told, chain := 0, 0
		for _, line := range l.lines {
			switch {
			case strings.HasPrefix(line, "block ") && strings.Contains(line, "of z"):
				told++
			case strings.HasPrefix(line, "block "):
				chain++
			}
		}
		// z is the first on each of 100 parents, has 64 forks, and 4 more in each of 10 s.
		if chain != 100 || told > 100+64+41 || told < 64 {
			t.Errorf("%d blocks of the chain, %d of %d others", chain, told, forks)
		}
	})
}

func TestAllowance(t *testing.T) {
	var a allowance
	now := time.Unix(1000, 0)
	take := func(want int) {
		t.Helper()
		got := 0
		for got < 1000 && a.take(now) {
			got++
		}
		if got != want {
			t.Errorf("at %v: %d, want %d", now, got, want)
		}
	}
	take(maxForks)
	now = now.Add(forkEvery - 1)
	take(0)
	now = now.Add(1)
	take(1)
	now = now.Add(10*forkEvery + forkEvery/2)
	take(10)
	now = now.Add(forkEvery / 2)
	take(1)
	now = now.Add(time.Hour)
	take(maxForks)
}

// However many messages wait for the loop, the head is worked out once per turn.
func TestSettlesOncePerTurn(t *testing.T) {
	listen(t, func(l *listening) {
		a := l.node.Join("a", 69)
		l.want("head 0 by peers, supporters 1")
		a.WantKind(wire.KindGetBlockHeaders)
		stop := make(chan struct{})
		slot := l.gossip.loop.Open(nil)
		before := uint64(0)
		slot.Post(0, func(m *machine, _ time.Time) { <-stop; before = m.heads.Settled() })
		for i := range 60 {
			a.Send(&wire.BlockRangeUpdate{Latest: uint64(i) + 1, LatestHash: types.Hash{byte(i + 1)}})
		}
		synctest.Wait()
		close(stop)
		synctest.Wait()
		after := uint64(0)
		slot.Post(0, func(m *machine, _ time.Time) { after = m.heads.Settled() })
		synctest.Wait()
		if n := after - before; n < 1 || n > 2 {
			t.Errorf("worked out %d times", n)
		}
	})
}

// Blocks that follow one that was told are told, though the head is far away.
func TestBlocksFollowWhatWasTold(t *testing.T) {
	listen(t, func(l *listening) {
		a := l.node.Join("a", 68)
		l.polled(a, 68, 7000)
		last := build(l.chain.GenesisHash, 1, 0)
		a.SendRaw(wire.KindNewBlock, last.newBlock(1))
		l.want("head 1 by peers, supporters 1", fmt.Sprintf("block %s via broadcast of a, 0 txs, size %d", last.name(), len(last.raw())))
		// Two peers say that the head is far away, and give its header.
		far := build(types.Hash{9}, 500, 0)
		var liars []*peers.Peer
		for _, name := range []string{"b", "c"} {
			liars = append(liars, l.node.Join(name, 69, func(s *wire.Status) { s.Latest, s.Head = 500, far.hash }))
		}
		for _, p := range liars {
			giveHeaders(p, 69, 7000, wire.AtHash(far.hash), 1, far)
		}
		l.want("head 500 by peers, supporters 2", "loss blockgossip.jumps 1")
		for id := range uint64(3) {
			next := build(last.hash, last.header.Number+1, 1)
			a.SendRaw(wire.KindNewBlock, next.newBlock(1))
			giveBodies(a, 68, 7001+id, next)
			l.want(fmt.Sprintf("block %s via broadcast of a, 1 txs, size %d", next.name(), len(next.raw())),
				fmt.Sprintf("body of a, %x", someTx))
			last = next
		}
		other := build(types.Hash{3}, 4, 0)
		a.SendRaw(wire.KindNewBlock, other.newBlock(1))
		l.want() // not one that follows nothing
	})
}
