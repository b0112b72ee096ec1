// SPDX-License-Identifier: Apache-2.0

package chainsync

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
)

// After a synchronisation peers that are behind hear of the head.
func TestHeadIsAnnounced(t *testing.T) {
	c := mined()
	l := genesisOf(c).grow(c, 200, 1, 1)
	inBubble(t, c, chain.Config{}, func(b *bench) {
		behind := serve(t, b.node, "behind", 66, genesisOf(c))
		for i := range 4 {
			serve(t, b.node, fmt.Sprint("peer", i), 66, l)
		}
		b.wait(l, time.Minute)
		got := behind.heard.Load()
		if got == nil || got.Hash != l.last().hash || got.Number != 200 {
			t.Errorf("a peer that is behind heard of %+v", got)
		}
	})
}

// A peer that states the same head as ours is asked for nothing in its first 3 s.
func TestNewcomersAreLeftAlone(t *testing.T) {
	c := mined()
	l := genesisOf(c).grow(c, 20, 1, 1)
	inBubble(t, c, chain.Config{}, func(b *bench) {
		if _, err := b.chain.InsertHeaders(time.Now(), raws(l[1:])); err != nil {
			t.Fatal(err)
		}
		s := serve(t, b.node, "peer", 68, l)
		pause(2900 * time.Millisecond)
		if n := s.requests(); n != 0 {
			t.Errorf("%d requests within 3 s", n)
		}
		pause(2 * time.Second)
		if s.asked[wire.KindGetBlockBodies].Load() == 0 {
			t.Error("no request for bodies after 3 s")
		}
		b.wait(l, time.Minute)
	})
}

func raws(l line) (all [][]byte) {
	for _, b := range l {
		all = append(all, b.Raw)
	}
	return all
}

func (s *server) requests() (n int64) {
	for k := range s.asked {
		if row := wire.Kind(k).Row(); row != nil && row.IsRequest() {
			n += s.asked[k].Load()
		}
	}
	return n
}

// Receipts that come in part are asked for again, under the same ID, until the block's are whole (EIP-7975).
func TestReceiptsInParts(t *testing.T) {
	c := staked()
	l := genesisOf(c).grow(c, 3, 50, 1).grow(c, 3, 1, 1)
	inBubble(t, c, chain.Config{}, func(b *bench) {
		s := serve(t, b.node, "peer", 70, l, func(s *server, _ *wire.Status) { s.maxPart = 7 })
		b.sync.Believe(head.Believed{Ref: chain.Ref{Hash: l.last().hash}})
		b.wait(l, time.Minute)
		if n := s.asked[wire.KindGetReceipts].Load(); n < 3*50/7 {
			t.Errorf("%d requests for receipts", n)
		}
	})
}

// A part that is more than the block's gas pays for ends the session.
func TestEndlessReceipts(t *testing.T) {
	c := staked()
	l := genesisOf(c).grow(c, 3, 50, 1)
	inBubble(t, c, chain.Config{}, func(b *bench) {
		s := serve(t, b.node, "peer", 70, l, func(s *server, _ *wire.Status) {
			s.maxPart = 7
			s.receipts = func(items [][]byte) [][]byte {
				return [][]byte{listOf(slices.Repeat([]byte{0xc4, 0x80, 0x01, 0x01, 0xc0}, 100))}
			}
		})
		b.sync.Believe(head.Believed{Ref: chain.Ref{Hash: l.last().hash}})
		pause(time.Minute)
		if !s.Ended() {
			t.Error("the peer is still here")
		}
	})
}

// Neither a newer believed head nor a restart of the process begins the sync again: nothing that is held is
// requested again.
func TestResume(t *testing.T) {
	c := staked()
	l := genesisOf(c).grow(c, 3000, 1, 1)
	store := chain.NewMemory()
	inBubble(t, c, chain.Config{Store: store, History: chain.HistoryFull}, func(b *bench) {
		slow := func(s *server, _ *wire.Status) { s.delay = 700 * time.Millisecond }
		serve(t, b.node, "peer", 68, l, slow)
		b.sync.Believe(head.Believed{Ref: chain.Ref{Hash: l[2900].hash}})
		pause(3 * time.Second)
		b.sync.Believe(head.Believed{Ref: chain.Ref{Hash: l[2990].hash}, Header: l[2990].Raw})
		pause(3 * time.Second)
		tail := b.chain.Tail()
		if b.chain.Head().Number != 2990 || tail == 0 || tail > 2500 {
			t.Fatalf("the head is %d, with headers from %d on", b.chain.Head().Number, tail)
		}
		b.node.Stop()

		b.start()
		s := serve(t, b.node, "another", 68, l)
		b.sync.Believe(head.Believed{Ref: chain.Ref{Hash: l.last().hash}, By: event.HeadByFixed})
		b.wait(l, time.Minute)
		if most := int64(tail/512) + 4; s.asked[wire.KindGetBlockHeaders].Load() > most {
			t.Errorf("%d requests for headers, want at most %d", s.asked[wire.KindGetBlockHeaders].Load(), most)
		}
	})
}

// With a window, the bodies of a long chain that will not be kept are not asked for.
func TestWindow(t *testing.T) {
	c := mined()
	l := genesisOf(c).grow(c, 1000, 1, 1)
	inBubble(t, c, chain.Config{History: 100}, func(b *bench) {
		var all []*server
		for i := range 5 {
			all = append(all, serve(t, b.node, fmt.Sprint("peer", i), 68, l))
		}
		b.wait(l, time.Minute)
		bodies := int64(0)
		for _, s := range all {
			bodies += s.asked[wire.KindGetBlockBodies].Load()
		}
		if bodies > 100 {
			t.Errorf("%d requests for the bodies of 100 blocks", bodies)
		}
	})
}
