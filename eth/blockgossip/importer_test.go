// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/types"
)

// A block whose parent comes later is imported and passed on then, and so are its own children: four in all, since a peer's
// queue holds four hashes, and they come at once.
func TestChildrenWaitForTheirParent(t *testing.T) {
	relayOn(t, func(r *relaying) {
		source, others := r.node.Join("source", 68), r.join("p", 4)
		line := []*peers.Block{r.genesis}
		for i := range 4 {
			line = append(line, line[i].Next(r.params, now()-100+20*uint64(i), "", someTx))
		}
		r.told(others)
		for i := 4; i >= 2; i-- {
			source.SendRaw(wire.KindNewBlock, line[i].NewBlock())
		}
		if whole, hashes := r.told(others); whole+hashes != 0 {
			t.Errorf("%d whole, %d hashes before the parent", whole, hashes)
		}
		source.SendRaw(wire.KindNewBlock, line[1].NewBlock())
		r.wantHead(line[4])
		whole, hashes := 0, 0
		for _, p := range others {
			heard := p.Heard()
			whole, hashes = whole+heard[wire.KindNewBlock], hashes+heard[wire.KindNewBlockHashes]
		}
		if whole != 4*2 || hashes != 4*2 {
			t.Errorf("%d whole, %d hashes", whole, hashes)
		}
	})
}

// Blocks that waited for long, as those that came in a synchronisation, are imported and not passed on one by one: the
// head's hash is told, once they are held. Ten at once would overflow a peer's queue.
func TestBacklogIsNotPassedOn(t *testing.T) {
	relayOn(t, func(r *relaying) {
		source, others := r.node.Join("source", 68), r.join("p", 4)
		line := []*peers.Block{r.genesis}
		for i := range 10 {
			line = append(line, line[i].Next(r.params, now()-300+20*uint64(i), "", someTx))
		}
		for _, b := range line[2:] {
			source.SendRaw(wire.KindNewBlock, b.NewBlock())
		}
		time.Sleep(5 * time.Second) // in a bubble
		synctest.Wait()
		r.told(others)
		source.SendRaw(wire.KindNewBlock, line[1].NewBlock())
		r.wantHead(line[10])
		whole, hashes := 0, 0
		for _, p := range others {
			heard := p.Heard()
			whole, hashes = whole+heard[wire.KindNewBlock], hashes+heard[wire.KindNewBlockHashes]
		}
		if whole != 2 || hashes != 2+4 { // the first block, and the head's hash
			t.Errorf("%d whole, %d hashes", whole, hashes)
		}
	})
}

// A peer that synchronises beside us gets to old blocks, which the chain has held for long: they are not new, and no body
// is asked for.
func TestPeerThatCatchesUpTellsNothing(t *testing.T) {
	relayOn(t, func(r *relaying) {
		line := []testBlock{{header: r.genesis.Header, hash: r.genesis.Hash}}
		for b, i := r.genesis, uint64(1); i <= 20; i++ {
			b = b.Next(r.params, now()-500+20*i, "", someTx)
			line = append(line, testBlock{header: b.Header, body: b.Body, hash: b.Hash})
			if _, err := r.chain.InsertHeaders(time.Now(), [][]byte{line[i].rawHeader()}); err != nil {
				t.Fatal(err)
			}
		}
		p := r.node.Join("p", 68)
		giveHeaders(p, 68, 7000, wire.AtNumber(0), 64, line[:11]...)
		p.WantSilence()
	})
}

// A block from the future is imported when its time has come, and not passed on.
func TestFutureBlockIsImportedWhenDue(t *testing.T) {
	relayOn(t, func(r *relaying) {
		source, others := r.node.Join("source", 68), r.join("p", 4)
		b := r.genesis.Next(r.params, now()+25, "", someTx)
		source.SendRaw(wire.KindNewBlock, b.NewBlock())
		time.Sleep(9 * time.Second) // in a bubble
		synctest.Wait()
		if r.chain.Header(b.Hash) != nil {
			t.Fatal("imported 16 s before its time")
		}
		time.Sleep(time.Second) // in a bubble
		r.wantHead(b)
		if whole, hashes := r.told(others); whole+hashes != 0 {
			t.Errorf("%d whole, %d hashes", whole, hashes)
		}
	})
}

// A heavier branch becomes the head, and both branches are passed on.
func TestReorganisationByGossip(t *testing.T) {
	relayOn(t, func(r *relaying) {
		source, others := r.node.Join("source", 68), r.join("p", 4)
		a1 := r.next(r.genesis, "a")
		time.Sleep(20 * time.Second) // in a bubble
		b1 := r.genesis.Next(r.params, a1.Header.Time, "b")
		b2 := r.next(b1, "b")
		for _, b := range []*peers.Block{a1, b1} {
			source.SendRaw(wire.KindNewBlock, b.NewBlock())
			r.wantHead(a1)
			if whole, hashes := r.told(others); whole != 2 || hashes != 2 {
				t.Errorf("%s: %d whole, %d hashes", b.Header.Extra, whole, hashes)
			}
		}
		source.SendRaw(wire.KindNewBlock, b2.NewBlock())
		r.wantHead(b2)
		r.mu.Lock()
		defer r.mu.Unlock()
		var heads []types.Hash
		for _, h := range r.believed {
			if h.By != event.HeadByPeers {
				heads = append(heads, h.Hash)
			}
			if h.By == event.HeadByGossip && (!h.Proved || len(h.Header) == 0) {
				t.Errorf("believed %+v", h)
			}
		}
		if len(heads) != 2 || heads[0] != a1.Hash || heads[1] != b2.Hash {
			t.Errorf("believed %v", heads)
		}
	})
}

// A block that several peers send at once is checked once, and passed on once.
func TestOneBlockOfManyPeers(t *testing.T) {
	checks := 0
	var mu sync.Mutex
	count := func(cfg *chain.Config) {
		cfg.Seals = testSeals{func() { mu.Lock(); checks++; mu.Unlock() }}
	}
	relayOn(t, func(r *relaying) {
		sources, others := r.join("s", 20), r.join("p", 9)
		b := r.next(r.genesis, "", someTx)
		var all sync.WaitGroup
		for _, s := range sources {
			all.Go(func() { s.SendRaw(wire.KindNewBlock, b.NewBlock()) })
		}
		all.Wait()
		r.wantHead(b)
		whole, hashes := r.told(append(others, sources...))
		if checks != 1 || whole < 3 || whole > 5 || hashes > 29-whole {
			t.Errorf("%d checks, %d whole, %d hashes", checks, whole, hashes)
		}
	}, count)
}

// A storm of blocks on one parent that cost nothing to make is imported at a bounded rate; blocks of other peers are
// imported meanwhile.
func TestStormOfSideBlocks(t *testing.T) {
	relayOn(t, func(r *relaying) {
		z, a := r.node.Join("z", 68), r.node.Join("a", 68)
		first := r.next(r.genesis, "")
		a.SendRaw(wire.KindNewBlock, first.NewBlock())
		r.wantHead(first)
		for i := range 400 {
			z.SendRaw(wire.KindNewBlock, r.genesis.Next(r.params, first.Header.Time, fmt.Sprint(i)).NewBlock())
		}
		time.Sleep(20 * time.Second) // in a bubble
		second := r.next(first, "", someTx)
		a.SendRaw(wire.KindNewBlock, second.NewBlock())
		r.wantHead(second)
		held := 0
		for i := range 400 {
			if r.chain.Header(r.genesis.Next(r.params, first.Header.Time, fmt.Sprint(i)).Hash) != nil {
				held++
			}
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if held < maxForks || held > maxForks+8 || r.lost["blockgossip.sides"] != uint64(400-held) || z.Ended() {
			t.Errorf("%d of 400 are held, lost %v", held, r.lost)
		}
	})
}
