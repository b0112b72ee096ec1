// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"testing"
	"testing/synctest"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlpx"
	"github.com/ethpeer/ethpeer/types"
)

func txOf(n byte, item ...byte) OutTx { return OutTx{types.Hash{n}, rlpx.NewChunk(item)} }

func named(n byte) wire.Announced {
	return wire.Announced{Hash: types.Hash{n}, Type: 2, Size: 100 + uint64(n), Typed: true}
}

func TestWhatIsToldArrivesOnce(t *testing.T) {
	inBubble(t, 68, func(d *dialogue) {
		d.shakeHands()
		s := d.ear.up[0]
		s.MarkTx(types.Hash{9})
		s.MarkBlock(types.Hash{8})
		s.AnnounceTxs(named(1), named(2), named(1), named(9))
		s.SendTxs(txOf(3, 0xc0), txOf(9, 0xc0), txOf(4, 0xc1, 0x01), txOf(2, 0xc0))
		hashes := func(n byte) *rlpx.Chunk {
			return rlpx.NewChunk(wire.AppendNewBlockHashes(nil, []wire.BlockName{{Hash: types.Hash{n}}}))
		}
		s.TellBlock(wire.KindNewBlockHashes, types.Hash{8}, hashes(8))
		s.TellBlock(wire.KindNewBlockHashes, types.Hash{7}, hashes(7))
		s.TellRange(wire.BlockRangeUpdate{LatestHash: types.Hash{1}}) // eth/69 has it
		synctest.Wait()
		var announced, sent, blocks int
		var storage wire.Storage
		for len(d.heard) > 0 {
			n := <-d.heard
			m, err := storage.Decode(68, n.code-ethOffset, n.payload)
			switch m := m.(type) {
			case *wire.NewPooledTransactionHashes:
				announced += m.Len()
			case *wire.Transactions:
				sent += m.Len()
			case *wire.NewBlockHashes, *wire.NewBlock:
				blocks++
			default:
				t.Errorf("%v, %v", m, err)
			}
		}
		if announced != 2 || sent != 2 || blocks != 1 {
			t.Errorf("%d announced, %d sent, %d blocks; want 2, 2, 1", announced, sent, blocks)
		}
		for n, knows := range map[byte]bool{1: true, 2: true, 3: true, 4: true, 5: false, 9: true} {
			if s.KnowsTx(types.Hash{n}) != knows {
				t.Errorf("peer knows tx %d: %v", n, !knows)
			}
		}
		if !s.KnowsBlock(types.Hash{7}) || !s.KnowsBlock(types.Hash{8}) || s.KnowsBlock(types.Hash{6}) {
			t.Error("what the peer knows of blocks is wrong")
		}
	})
}

// Each telling alone wakes the writer.
func TestEachTellingWakesTheWriter(t *testing.T) {
	for name, tell := range map[string]func(s *Session){
		"TellBlock": func(s *Session) {
			payload := wire.AppendNewBlockHashes(nil, []wire.BlockName{{Hash: types.Hash{7}}})
			s.TellBlock(wire.KindNewBlockHashes, types.Hash{7}, rlpx.NewChunk(payload))
		},
		"AnnounceTxs": func(s *Session) { s.AnnounceTxs(named(1)) },
		"SendTxs":     func(s *Session) { s.SendTxs(txOf(3, 0xc0)) },
	} {
		inBubble(t, 68, func(d *dialogue) {
			d.shakeHands()
			synctest.Wait()
			tell(d.ear.up[0])
			synctest.Wait()
			if len(d.heard) != 1 {
				t.Errorf("%s: the peer has heard %d messages", name, len(d.heard))
			}
		})
	}
	inBubble(t, 69, func(d *dialogue) {
		d.shakeHands()
		synctest.Wait()
		d.ear.up[0].TellRange(wire.BlockRangeUpdate{LatestHash: types.Hash{1}})
		synctest.Wait()
		if len(d.heard) != 1 {
			t.Errorf("TellRange: the peer has heard %d messages", len(d.heard))
		}
	})
}

func TestAVersionIsNotToldWhatItDoesNotHave(t *testing.T) {
	inBubble(t, 63, func(d *dialogue) {
		d.shakeHands()
		s := d.ear.up[0]
		s.AnnounceTxs(named(1))
		s.TellRange(wire.BlockRangeUpdate{LatestHash: types.Hash{1}})
		d.wantIdle("eth/63 has neither announcements nor ranges")
		if s.KnowsTx(types.Hash{1}) {
			t.Error("what could not be told counts as known")
		}
	})
	inBubble(t, 69, func(d *dialogue) {
		d.shakeHands()
		s := d.ear.up[0]
		if s.GossipsBlocks() || s.TellBlock(wire.KindNewBlock, types.Hash{1}, rlpx.NewChunk([]byte{0xc0})) || s.KnowsBlock(types.Hash{1}) {
			t.Error("a block was told")
		}
		d.wantIdle("eth/69 has no block gossip after the merge")
		m := wire.BlockRangeUpdate{Latest: 5, LatestHash: types.Hash{1}}
		s.TellRange(m)
		d.want("range", 0x11, m.Append(nil, 69))
	})
}

// Where a chain has no consensus layer, blocks are sent in every version: Besu's signers do so, and two of
// our own peers speak the latest version.
func TestChainsWithoutAConsensusLayerGossip(t *testing.T) {
	for name, want := range map[string]bool{"classic": true, "mainnet": false} {
		chain, _ := params.ByName(name)
		s := &Session{version: 71, dialect: wire.DialectOf(chain)}
		if s.GossipsBlocks() != want {
			t.Errorf("%s: %v", name, !want)
		}
		s.version = 68
		if !s.GossipsBlocks() {
			t.Errorf("%s: not in eth/68", name)
		}
	}
}

func TestTheOldestMakesRoomAndIsCounted(t *testing.T) {
	o := &outbox{version: 68}
	for i := range maxAnnouncedOut + 2 {
		o.addAnnounced(wire.Announced{Size: uint64(i)})
	}
	for range maxTxsOut + 3 {
		o.addTx(txOf(1, 0xc0))
	}
	lost := map[string]uint64{}
	o.report(func(where string, count uint64) { lost[where] = count })
	if lost[lostBlocks] != 0 || lost[lostAnnouncements] != 2 || lost[lostTxs] != 3 {
		t.Errorf("lost %v", lost)
	}
	if o.announced[0].Size != 2 || len(o.txs) != maxTxsOut {
		t.Error("something else than the oldest was dropped")
	}

	o = &outbox{version: 68}
	big := make([]byte, maxTxBytesOut-10)
	o.addTx(txOf(1, big...))
	o.addTx(txOf(2, make([]byte, 10)...))
	o.addTx(txOf(3, 0xc0)) // one byte too many: the first goes
	if len(o.txs) != 2 || o.txs[0].Hash != (types.Hash{2}) || o.txBytes != 11 || o.lost.txs != 1 {
		t.Errorf("%d transactions of %d bytes, %d lost", len(o.txs), o.txBytes, o.lost.txs)
	}
	o.addTx(txOf(4, make([]byte, 2*maxTxBytesOut)...))
	if len(o.txs) != 1 || o.txs[0].Hash != (types.Hash{4}) {
		t.Error("a transaction that is over the bound alone is refused")
	}
}

// bigBlock fills a write of its own, so that the writer takes one message at a time.
func bigBlock(n byte) *rlpx.Chunk {
	return rlpx.NewChunk(append([]byte{0xfa, 0x01, 0x86, 0xa0, n}, make([]byte, 100_000-1)...))
}

// Checklist row 98: four messages of a kind wait for a peer that does not read. The blocks of those that are
// dropped stay unknown to the peer, and are told later.
func TestBlockQueueDropsTheNewest(t *testing.T) {
	for _, kind := range []wire.Kind{wire.KindNewBlock, wire.KindNewBlockHashes} {
		inBubble(t, 68, func(d *dialogue) {
			var losses []event.Loss
			d.proto.cfg.Record = func(e event.Event) {
				if l, ok := e.(event.Loss); ok {
					losses = append(losses, l)
				}
			}
			d.shakeHands()
			d.deaf <- struct{}{} // the peer reads one more message, and then nothing
			s := d.ear.up[0]
			told := 0
			for n := range byte(12) {
				if s.TellBlock(kind, types.Hash{n}, bigBlock(n)) {
					told++
				}
				if knows, want := s.KnowsBlock(types.Hash{n}), n < 6; knows != want {
					t.Errorf("%v: the peer knows block %d: %v", kind, n, knows)
				}
				synctest.Wait()
			}
			<-d.deaf
			for n := range byte(6) { // one was read, one is being written, four wait
				d.want("what waited", kind.Row().Code, bigBlock(n).Bytes())
			}
			d.wantIdle("what was dropped")
			if told != 6 || !s.TellBlock(kind, types.Hash{9}, bigBlock(9)) || s.TellBlock(kind, types.Hash{9}, bigBlock(9)) {
				t.Errorf("%v: %d told, and a dropped one not once more", kind, told)
			}
			d.want("a dropped one, later", kind.Row().Code, bigBlock(9).Bytes())
			d.remote.Close()
			<-d.ended
			if len(losses) != 1 || losses[0].Where != lostBlocks || losses[0].Count != 6 {
				t.Errorf("%v: lost %+v", kind, losses)
			}
		})
	}
}

// Whole blocks go before hashes, and of several block ranges the last one is sent.
func TestOrderOfBlockMessages(t *testing.T) {
	inBubble(t, 68, func(d *dialogue) {
		d.shakeHands()
		d.deaf <- struct{}{}
		s := d.ear.up[0]
		for n := range byte(2) { // one is read, one is being written
			s.TellBlock(wire.KindNewBlock, types.Hash{n}, bigBlock(n))
			synctest.Wait()
		}
		s.TellBlock(wire.KindNewBlockHashes, types.Hash{2}, bigBlock(2))
		s.TellBlock(wire.KindNewBlock, types.Hash{3}, bigBlock(3))
		<-d.deaf
		for _, n := range []byte{0, 1, 3} {
			d.want("a block", 0x07, bigBlock(n).Bytes())
		}
		d.want("a hash", 0x01, bigBlock(2).Bytes())
	})
	o := &outbox{version: 69}
	for n := range byte(3) {
		o.latest = rlpx.NewChunk([]byte{n})
	}
	var out p2p.Out
	if !(*blockLane)(o).Next(&out, 1<<20) || out.Code != 0x11 || out.Chunks[0].Bytes()[0] != 2 || (*blockLane)(o).Next(&out, 1<<20) {
		t.Errorf("%+v", out)
	}
}

// Checklist row 101: a peer to which a block cannot be written leaves the set.
func TestFailedBroadcastRemovesThePeer(t *testing.T) {
	for name, fail := range map[string]func(*dialogue){
		"closed pipe":     func(d *dialogue) { d.remote.Close() },
		"reads no longer": func(d *dialogue) { d.deaf <- struct{}{} },
	} {
		inBubble(t, 68, func(d *dialogue) {
			d.shakeHands()
			fail(d)
			for n := range byte(3) {
				d.ear.up[0].TellBlock(wire.KindNewBlock, types.Hash{n}, bigBlock(n))
			}
			if err := <-d.ended; err == nil || len(d.proto.Sessions()) != 0 {
				t.Errorf("%s: %v, %d sessions", name, err, len(d.proto.Sessions()))
			}
			if name != "closed pipe" {
				<-d.deaf
			}
		})
	}
}

func TestMessagesKeepToTheirRows(t *testing.T) {
	o := &outbox{version: 68}
	for i := range 5000 {
		o.addAnnounced(wire.Announced{Size: uint64(i), Typed: true})
	}
	var out p2p.Out
	var storage wire.Storage
	for _, want := range []int{4096, 904} {
		out = p2p.Out{}
		if !(*announceLane)(o).Next(&out, 1<<20) {
			t.Fatal("nothing to announce")
		}
		m, err := storage.Decode(68, out.Code, out.Raw)
		if err != nil || m.(*wire.NewPooledTransactionHashes).Len() != want {
			t.Errorf("%v, %v; want %d", m, err, want)
		}
	}
	for i := range 12 {
		item := append([]byte{0xf9, 0x3f, 0xfd}, make([]byte, 16<<10-3)...) // a list of 16 KiB
		o.addTx(txOf(byte(i), item...))
	}
	for _, want := range []int{6, 6} { // of 100 KiB
		out = p2p.Out{}
		if !(*txLane)(o).Next(&out, 1<<20) {
			t.Fatal("nothing to send")
		}
		m, err := storage.Decode(68, out.Code, out.AppendPayload(nil))
		if err != nil || m.(*wire.Transactions).Len() != want {
			t.Errorf("%v, %v; want %d", m, err, want)
		}
	}
	out = p2p.Out{}
	if (*txLane)(o).Next(&out, 1<<20) || (*announceLane)(o).Next(&out, 1<<20) || (*blockLane)(o).Next(&out, 1<<20) {
		t.Error("an empty outbox has something to say")
	}
}

func TestStatusSaysTheLatestBlock(t *testing.T) {
	chain, _ := params.ByName("mainnet")
	latest := Latest{Number: 1_150_000, Time: 8, Hash: types.Hash{9}, Earliest: 3}
	p, err := New(Config{Chain: chain, Latest: func() Latest { return latest }})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		c := p.localStatus()
		want := wire.Status{
			NetworkID: 1, Head: types.Hash{9}, Genesis: chain.GenesisHash,
			ForkID: chain.ForkID(latest.Number, 8), Earliest: 3, Latest: latest.Number,
		}
		if c.status != want || c.head.number != latest.Number || c.head.time != 8 {
			t.Errorf("%+v", c)
		}
		latest.Number++ // each session claims what there is when it opens
	}
}

func TestLossesOfTheOutboxAreEvents(t *testing.T) {
	inBubble(t, 68, func(d *dialogue) {
		var losses []event.Loss
		d.proto.cfg.Record = func(e event.Event) {
			if l, ok := e.(event.Loss); ok {
				losses = append(losses, l)
			}
		}
		d.shakeHands()
		s := d.ear.up[0]
		s.outbox.mu.Lock()
		s.outbox.lost.txs = 3
		s.outbox.mu.Unlock()
		d.remote.Close()
		<-d.ended
		if len(losses) != 1 || losses[0].Where != lostTxs || losses[0].Count != 3 {
			t.Errorf("%+v", losses)
		}
	})
}
