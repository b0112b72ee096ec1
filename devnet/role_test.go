// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	"errors"
	"math"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/types"
)

// talk runs a dialogue with the sealing peer of a network that has three blocks.
func talk(t *testing.T, run func(t *testing.T, n *Network, node *peers.Node)) {
	t.Helper()
	n := seeded(t, 1)
	for i := range 3 {
		n.step(t, i)
	}
	bubble.Test(t, func(t *testing.T) { run(t, n, peers.NewNode(t, n.Chain(), n.peers[0])) })
}

// atHead is what a peer claims that has the network's blocks.
func atHead(n *Network) func(*wire.Status) {
	return func(s *wire.Status) {
		head := n.peers[0].store.head()
		s.Head, s.Latest = head.hash, head.Header.Number
	}
}

func TestHeaders(t *testing.T) {
	talk(t, func(t *testing.T, n *Network, node *peers.Node) {
		l := n.peers[0].store
		p := node.Join("a", 68, atHead(n))
		for _, c := range []struct {
			query wire.GetBlockHeaders
			want  []uint64
		}{
			{wire.GetBlockHeaders{Origin: wire.AtNumber(0), Amount: 2}, []uint64{0, 1}},
			{wire.GetBlockHeaders{Origin: wire.AtNumber(1), Amount: 100}, []uint64{1, 2, 3}},
			{wire.GetBlockHeaders{Origin: wire.AtNumber(1), Amount: 100, Skip: 1}, []uint64{1, 3}},
			{wire.GetBlockHeaders{Origin: wire.AtNumber(3), Amount: 100, Reverse: true}, []uint64{3, 2, 1, 0}},
			{wire.GetBlockHeaders{Origin: wire.AtNumber(3), Amount: 2, Skip: 1, Reverse: true}, []uint64{3, 1}},
			{wire.GetBlockHeaders{Origin: wire.AtNumber(3), Amount: 9, Skip: 5, Reverse: true}, []uint64{3}},
			{wire.GetBlockHeaders{Origin: wire.AtHash(l.at(2).hash), Amount: 1}, []uint64{2}},
			{wire.GetBlockHeaders{Origin: wire.AtHash(types.Hash{1}), Amount: 1}, nil},
			{wire.GetBlockHeaders{Origin: wire.AtNumber(4), Amount: 1}, nil},
			{wire.GetBlockHeaders{Origin: wire.AtNumber(1), Amount: 0}, nil},
			{wire.GetBlockHeaders{Origin: wire.AtNumber(1), Amount: math.MaxUint64, Skip: math.MaxUint64}, []uint64{1}},
			{wire.GetBlockHeaders{Origin: wire.AtNumber(1), Amount: 3, Skip: math.MaxUint64 - 1}, []uint64{1}},
			{wire.GetBlockHeaders{Origin: wire.AtNumber(1), Amount: 3, Skip: math.MaxUint64 - 2, Reverse: true}, []uint64{1}},
		} {
			c.query.ID = 5
			p.Send(&c.query)
			var items [][]byte
			for _, number := range c.want {
				items = append(items, l.at(number).Header.Raw)
			}
			p.Want(wire.KindBlockHeaders, wire.Reply{Kind: wire.KindBlockHeaders, ID: 5}.Append(nil, 68, items))
		}
	})
}

func hashes(all ...types.Hash) wire.Hashes {
	var m wire.GetBlockBodies
	payload := wire.BodiesRequest{Hashes: all}.Append(nil, 68, 1)
	var s wire.Storage
	decoded, err := s.Decode(68, m.Kind().Row().Code, payload)
	if err != nil {
		panic(err) // not reached
	}
	return decoded.(*wire.GetBlockBodies).Hashes
}

func TestBodiesAndReceipts(t *testing.T) {
	for _, v := range []wire.Version{65, 68, 69, 70, 71} {
		talk(t, func(t *testing.T, n *Network, node *peers.Node) {
			l := n.peers[0].store
			p := node.Join("a", v, atHead(n))
			asked := hashes(l.at(3).hash, types.Hash{1}, l.at(2).hash, l.at(0).hash)
			p.Send(&wire.GetBlockBodies{ID: 7, Hashes: asked})
			p.Want(wire.KindBlockBodies, wire.Reply{Kind: wire.KindBlockBodies, ID: 7}.Append(nil, v, [][]byte{l.at(3).body, l.at(2).body, l.at(0).body}))

			first := uint64(0)
			if v >= 70 {
				first = 1
			}
			for _, test := range []struct {
				asked wire.Hashes
				want  [][]byte
			}{
				{hashes(l.at(3).hash, l.at(2).hash, l.at(0).hash), [][]byte{l.at(3).receipts(v, first), l.at(2).receipts(v, 0), {0xc0}}},
				{asked, [][]byte{l.at(3).receipts(v, first)}}, // the list at i is that of the hash at i
				{hashes(types.Hash{1}, l.at(3).hash), nil},
			} {
				p.Send(&wire.GetReceipts{ID: 8, FirstIndex: 1, Hashes: test.asked})
				p.Want(wire.KindReceipts, wire.Reply{Kind: wire.KindReceipts, ID: 8}.Append(nil, v, test.want))
			}
		})
	}
}

func TestWhatIsPooledAndWhatNobodyHas(t *testing.T) {
	talk(t, func(t *testing.T, n *Network, node *peers.Node) {
		l := n.peers[0].store
		pending := whole(t, transfer(t, foreigner(t, 1), 0))
		l.pool.add(pending)
		sealed := l.pool.tx(l.at(3).txs[0].hash)
		p := node.Join("a", 71, atHead(n))
		p.WantKind(wire.KindNewPooledTransactionHashes) // a newcomer hears what waits
		p.Send(&wire.GetPooledTransactions{ID: 1, Hashes: hashes(types.Hash{1}, sealed.hash, pending.hash)})
		p.Want(wire.KindPooledTransactions, wire.Reply{Kind: wire.KindPooledTransactions, ID: 1}.Append(nil, 71, [][]byte{sealed.item.Bytes(), pending.item.Bytes()}))
		p.Send(&wire.GetBlockAccessLists{ID: 2, Hashes: hashes(l.at(1).hash, l.at(2).hash)})
		p.Want(wire.KindBlockAccessLists, wire.Reply{Kind: wire.KindBlockAccessLists, ID: 2}.Append(nil, 71, [][]byte{{0x80}, {0x80}}))

		p = node.Join("d", 72, atHead(n))
		p.WantKind(wire.KindNewPooledTransactionHashes)
		p.Send(&wire.GetCells{ID: 4, Hashes: hashes(pending.hash)})
		p.Want(wire.KindCells, (&wire.Cells{ID: 4}).Append(nil, 72))

		p = node.Join("b", 66, atHead(n))
		p.WantKind(wire.KindNewPooledTransactionHashes)
		p.Send(&wire.GetNodeData{ID: 3, Hashes: hashes(types.Hash{1})})
		p.Want(wire.KindNodeData, wire.Reply{Kind: wire.KindNodeData, ID: 3}.Append(nil, 66, nil))

		p = node.Join("c", 63, atHead(n)) // which has no announcements
		p.Want(wire.KindTransactions, wire.AppendTransactions(nil, [][]byte{pending.item.Bytes()}))
	})
}

// What anybody sends is taken, if it can get into a block; announced transactions are
// asked for.
func TestForeignTransactions(t *testing.T) {
	talk(t, func(t *testing.T, n *Network, node *peers.Node) {
		l, key := n.peers[0].store, foreigner(t, 1)
		p := node.Join("a", 68, atHead(n))
		good := transfer(t, key, 0)
		other := transfer(t, key, 0, func(tx *types.Tx) { tx.ChainID.SetUint64(1) })
		p.SendRaw(wire.KindTransactions, wire.AppendTransactions(nil, [][]byte{good.Raw, other.Raw, good.Raw}))
		synctest.Wait()
		if l.pool.tx(good.Hash()) == nil || l.pool.tx(other.Hash()) != nil {
			t.Error("the wrong transactions are taken")
		}
		next := transfer(t, key, 1)
		name := wire.Announced{Hash: next.Hash(), Type: next.Type, Size: next.Size(), Typed: true}
		p.SendRaw(wire.KindNewPooledTransactionHashes, wire.AppendAnnouncement(nil, 68, []wire.Announced{name}))
		p.Want(wire.KindGetPooledTransactions, wire.PooledRequest{Hashes: []types.Hash{next.Hash()}}.Append(nil, 68, 7000))
		p.SendRaw(wire.KindPooledTransactions, wire.Reply{Kind: wire.KindPooledTransactions, ID: 7000}.Append(nil, 68, [][]byte{next.Raw}))
		synctest.Wait()
		if l.pool.tx(next.Hash()) == nil {
			t.Error("an announced transaction is not taken")
		}
		p.Leave()
		if b := n.step(t, 0); len(b.txs) != 2 || b.txs[0].hash != good.Hash() || b.txs[1].hash != next.Hash() {
			t.Errorf("sealed: %+v", b.txs)
		}
	})
}

// A peer that learns of a block fetches what it lacks down to its own head.
func TestMissingAncestorsAreFetched(t *testing.T) {
	n := seeded(t, 1)
	for i := range 5 {
		n.step(t, i)
	}
	from, late := n.peers[0].store, n.peers[1]
	bubble.Test(t, func(t *testing.T) {
		node := peers.NewNode(t, n.Chain(), late)
		p := node.Join("a", 68, atHead(n))
		head := from.at(5)
		q := wire.HeadersRequest{Origin: wire.AtHash(head.hash), Amount: maxAncestors, Reverse: true}
		p.Want(wire.KindGetBlockHeaders, q.Append(nil, 68, 7000))
		var headers, bodies [][]byte
		var asked []types.Hash
		for number := uint64(1); number <= 5; number++ {
			b := from.at(number)
			headers, bodies, asked = append(headers, b.Header.Raw), append(bodies, b.body), append(asked, b.hash)
		}
		slices.Reverse(headers)
		p.SendRaw(wire.KindBlockHeaders, wire.Reply{Kind: wire.KindBlockHeaders, ID: 7000}.Append(nil, 68, append(headers, from.at(0).Header.Raw)))
		p.Want(wire.KindGetBlockBodies, wire.BodiesRequest{Hashes: asked}.Append(nil, 68, 7001))
		p.SendRaw(wire.KindBlockBodies, wire.Reply{Kind: wire.KindBlockBodies, ID: 7001}.Append(nil, 68, bodies))
		synctest.Wait()
		if got := late.store.head(); got.hash != head.hash || got.td != head.td {
			t.Errorf("head %d", got.Header.Number)
		}
		// It requests nothing that it has.
		p.SendRaw(wire.KindNewBlockHashes, wire.AppendNewBlockHashes(nil, []wire.BlockName{from.at(4).name()}))
		p.SendRaw(wire.KindNewBlock, wire.AppendNewBlock(nil, head.Raw, &head.td))
		p.WantSilence()
	})
	late.mu.Lock()
	defer late.mu.Unlock()
	if late.fetching.Len() != 0 {
		t.Errorf("%d fetches are left", late.fetching.Len())
	}
}

// An answer that leads nowhere is dropped, and the next news of a block is the next attempt.
func TestUselessAnswers(t *testing.T) {
	talk(t, func(t *testing.T, n *Network, node *peers.Node) {
		p := node.Join("a", 68, atHead(n))
		name := wire.BlockName{Hash: types.Hash{1}, Number: 9}
		for id := uint64(7000); id < 7003; id++ {
			p.SendRaw(wire.KindNewBlockHashes, wire.AppendNewBlockHashes(nil, []wire.BlockName{name}))
			p.WantKind(wire.KindGetBlockHeaders)
			var items [][]byte
			if id > 7000 {
				items = append(items, n.peers[0].store.at(2).Header.Raw)
			}
			p.SendRaw(wire.KindBlockHeaders, wire.Reply{Kind: wire.KindBlockHeaders, ID: id}.Append(nil, 68, items))
			p.WantSilence()
		}
	})
}

func TestWhoForgesIsShownOut(t *testing.T) {
	for name, say := range map[string]func(t *testing.T, n *Network, p *peers.Peer){
		"a block of another signer": func(t *testing.T, n *Network, p *peers.Peer) {
			l := n.peers[0].store
			h, body, err := draft(l.head(), l.head().Header.Time+1, l.signer, nil)
			if err != nil {
				t.Fatal(err)
			}
			seal(h, foreigner(t, 1))
			p.SendRaw(wire.KindNewBlock, wire.AppendNewBlock(nil, types.AppendBlock(nil, h, body), &l.head().td))
		},
		"a body of another block": func(_ *testing.T, n *Network, p *peers.Peer) {
			l := n.peers[0].store
			mixed := types.AppendBlock(nil, &l.at(3).Header, &l.at(2).Body)
			p.SendRaw(wire.KindNewBlock, wire.AppendNewBlock(nil, mixed, &l.head().td))
		},
		"no transaction": func(_ *testing.T, _ *Network, p *peers.Peer) {
			p.SendRaw(wire.KindTransactions, wire.AppendTransactions(nil, [][]byte{{0xc1, 0x01}}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			talk(t, func(t *testing.T, n *Network, node *peers.Node) {
				p := node.Join("a", 68, atHead(n))
				say(t, n, p)
				err := p.WantEnd()
				if _, ok := errors.AsType[*p2p.Violation](err); !ok {
					t.Errorf("ended with %v", err)
				}
			})
		})
	}
}

// A transaction that can never be valid is discarded alone: the good ones of its message stay, and
// so does its sender.
func TestInvalidTransactionIsDiscardedAlone(t *testing.T) {
	talk(t, func(t *testing.T, n *Network, node *peers.Node) {
		p := node.Join("a", 68, atHead(n))
		good, bad := transfer(t, foreigner(t, 1), 0), transfer(t, foreigner(t, 2), 0)
		unsigned := slices.Clone(bad.Raw)
		for i := len(unsigned) - 32; i < len(unsigned); i++ {
			unsigned[i] = 0xff // s
		}
		odd := slices.Clone(bad.Raw)
		odd[len(odd)-67] = 27 // y parity, before r and s of 32 bytes
		if _, err := types.DecodeTx(odd); !errors.Is(err, types.ErrInvalidTx) {
			t.Fatalf("decoding: %v", err)
		}
		p.SendRaw(wire.KindTransactions, wire.AppendTransactions(nil, [][]byte{odd, unsigned, good.Raw}))
		p.WantSilence()
		if l := n.peers[0].store; l.pool.tx(good.Hash()) == nil || l.pool.tx(bad.Hash()) != nil {
			t.Error("the good one is not there, or the bad one is")
		}
	})
}
