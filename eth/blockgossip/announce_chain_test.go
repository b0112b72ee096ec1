// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/types"
)

// Checklist row 104: announced blocks are asked for from 7 below to 32 above the head of the chain that is held.
func TestAnnouncementWindow(t *testing.T) {
	relayOn(t, func(r *relaying) {
		line := []*peers.Block{r.genesis}
		for i := range 50 {
			b := line[i].Next(r.params, now()-10_000+uint64(i)*20, "")
			line = append(line, b)
			if _, err := r.chain.InsertHeaders(time.Now(), [][]byte{b.Header.Append(nil)}); err != nil {
				t.Fatal(err)
			}
		}
		for _, test := range []struct {
			number uint64
			asked  int
		}{{42, 0}, {43, 1}, {82, 1}, {83, 0}, {1<<64 - 1, 0}} {
			a := r.node.Join(fmt.Sprint(test.number), 68)
			a.Heard()
			name := wire.BlockName{Hash: types.Hash{byte(test.number)}, Number: test.number}
			a.SendRaw(wire.KindNewBlockHashes, wire.AppendNewBlockHashes(nil, []wire.BlockName{name}))
			time.Sleep(time.Second) // in a bubble
			if asked := a.Heard()[wire.KindGetBlockHeaders]; asked != test.asked {
				t.Errorf("block %d: asked %d times", test.number, asked)
			}
		}
	})
}

// Checklist row 102: an announced block is fetched after 400 ms or more, imported and passed on, even if its
// body is empty.
func TestAnnouncedBlockIsPassedOn(t *testing.T) {
	for _, items := range [][][]byte{{someTx}, nil} {
		relayOn(t, func(r *relaying) {
			others := r.join("p", 4)
			blocks, err := peers.NewBlocks(r.params)
			if err != nil {
				t.Fatal(err)
			}
			a := peers.NewRemote(r.node.Attach("a", 68), nil, func(types.Hash) {})
			a.Blocks = blocks
			go func() { _ = a.Serve() }()
			if err := a.Greet(); err != nil {
				t.Fatal(err)
			}
			b := r.next(r.genesis, "", items...)
			blocks.Put(b)
			r.told(others)
			if err := a.Tell(wire.KindNewBlockHashes, b.Announcement()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(400 * time.Millisecond) // in a bubble
			synctest.Wait()
			if r.chain.Header(b.Hash) != nil {
				t.Error("asked for within 400 ms")
			}
			time.Sleep(time.Second) // in a bubble
			r.wantHead(b)
			if whole, hashes := r.told(others); whole != 2 || hashes != 2 {
				t.Errorf("%d txs: %d whole, %d hashes", len(items), whole, hashes)
			}
		})
	}
}
