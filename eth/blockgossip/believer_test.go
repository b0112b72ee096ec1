// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// A head is told when it is another one, or after a while; with a quorum; and not if it contradicts what is final.
func TestContradictsFinal(t *testing.T) {
	c, err := params.ParseGenesis([]byte(peers.Genesis))
	if err != nil {
		t.Fatal(err)
	}
	held, err := chain.Open(chain.Config{Params: c})
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := peers.NewBlocks(c)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1_600_000_000, 0)
	line := []*peers.Block{blocks.Head()}
	for i := range 3 {
		line = append(line, line[i].Next(c, uint64(at.Unix())-100+uint64(i)*20, ""))
		if _, err := held.InsertHeaders(at, [][]byte{line[i+1].Header.Append(nil)}); err != nil {
			t.Fatal(err)
		}
	}
	held.Finalize(chain.Ref{Number: 2, Hash: line[2].Hash})

	merged := *c
	merged.Terminal = &c.GenesisDifficulty // so that peers name the head
	var told []head.Believed
	b := newBeliever(&Config{Params: &merged, Chain: held, Believe: func(h head.Believed) { told = append(told, h) }})
	say := func(number uint64, hash types.Hash, unrelated int, after time.Duration, want bool) {
		t.Helper()
		told = nil
		at = at.Add(after)
		h := head.Head{Link: chain.Link{Number: number, Hash: hash}, Supporters: 9, Unrelated: unrelated}
		b.onHead(at, at, &h, false, event.HeadByGossip, nil)
		if (len(told) == 1) != want || want && (told[0].Hash != hash || told[0].By != event.HeadByPeers || told[0].Supporters != 9) {
			t.Errorf("block %d: told %+v", number, told)
		}
	}
	other := types.Hash{7}
	say(1, other, 9, 0, false)
	say(2, other, 9, 0, false)
	say(1, line[1].Hash, 9, 0, true)
	say(2, line[2].Hash, 9, 0, true)
	say(3, other, DefaultQuorum-1, 0, false)
	say(3, other, DefaultQuorum, 0, true)
	say(3, other, DefaultQuorum, confirmEvery-1, false)
	say(3, other, DefaultQuorum, 1, true) // confirmed
	say(4, other, DefaultQuorum, 0, true)
}

// Believed by peers: a quorum of unrelated peers names a head after the merge. Its header goes along.
func TestBelievedByPeers(t *testing.T) {
	for quorum, want := range map[int]bool{2: true, 0: false} {
		bubble.Test(t, func(t *testing.T) {
			time.Sleep(time.Until(time.Unix(1_600_000_000, 0))) // in a bubble
			c, _ := params.ByName("mainnet")
			held, err := chain.Open(chain.Config{Params: c})
			if err != nil {
				t.Fatal(err)
			}
			var believed []head.Believed
			var mu sync.Mutex
			g := New(Config{Record: func(event.Event) {}, Params: c, Chain: held, Quorum: quorum, Believe: func(b head.Believed) {
				mu.Lock()
				defer mu.Unlock()
				believed = append(believed, b)
			}})
			node := peers.NewNode(t, c, g)
			node.Go(g.Run)
			x := build(types.Hash{9}, 1000, 0, func(h *types.Header) { h.Difficulty = uint256.Int{} })
			for _, name := range []string{"a", "b"} {
				p := node.Join(name, 69, func(s *wire.Status) { s.Latest, s.Head = 1000, x.hash })
				if name == "a" {
					giveHeaders(p, 69, 7000, wire.AtHash(x.hash), 1, x)
				}
			}
			time.Sleep(time.Second) // in a bubble
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if (len(believed) > 0) != want {
				t.Fatalf("quorum %d: believed %v", quorum, believed)
			}
			if want && (believed[0].Hash != x.hash || string(believed[0].Header) != string(x.rawHeader()) ||
				believed[0].By != event.HeadByPeers || believed[0].Proved || believed[0].Supporters != 2) {
				t.Errorf("believed %+v", believed[0])
			}
		})
	}
}
