// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/eth/serve"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/types"
)

// talk runs a dialogue with the sealing peer of a network that has three blocks.
func talk(t *testing.T, run func(t *testing.T, n *Network, node *peers.Node)) {
	t.Helper()
	bubble.Test(t, func(t *testing.T) {
		n := seeded(t, 1)
		for i := range 3 {
			n.step(t, i)
		}
		p := n.peers[0]
		node := peers.NewNode(t, n.Chain(), serve.New(serve.Config{Chain: p.chain, Pool: p.pool}), p, p.blocks)
		node.Go(p.blocks.Run)
		run(t, n, node)
	})
}

// atHead is what a peer claims that has the network's blocks.
func atHead(n *Network) func(*wire.Status) {
	return func(s *wire.Status) {
		head := n.peers[0].chain.Head()
		s.Head, s.Latest = head.Hash, head.Number
	}
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

func TestWhatIsPooledAndWhatNobodyHas(t *testing.T) {
	talk(t, func(t *testing.T, n *Network, node *peers.Node) {
		l := n.peers[0]
		pending := whole(t, transfer(t, foreigner(t, 1), 0))
		l.pool.add(pending)
		sealed := l.pool.tx(l.head(t).txs[0].Hash())
		p := node.Join("a", 71, atHead(n))
		p.WantKind(wire.KindNewPooledTransactionHashes) // a newcomer hears what waits
		p.Send(&wire.GetPooledTransactions{ID: 1, Hashes: hashes(types.Hash{1}, sealed.hash, pending.hash)})
		p.Want(wire.KindPooledTransactions, wire.Reply{Kind: wire.KindPooledTransactions, ID: 1}.Append(nil, 71, [][]byte{sealed.item.Bytes(), pending.item.Bytes()}))
		p.Send(&wire.GetBlockAccessLists{ID: 2, Hashes: hashes(l.head(t).hash, l.head(t).ParentHash)})
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

// A transaction of any peer is taken if it can get into a block; announced transactions are requested.
func TestForeignTransactions(t *testing.T) {
	talk(t, func(t *testing.T, n *Network, node *peers.Node) {
		l, key := n.peers[0], foreigner(t, 1)
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
		if b := n.step(t, 0); len(b.txs) != 2 || b.txs[0].Hash() != good.Hash() || b.txs[1].Hash() != next.Hash() {
			t.Errorf("sealed: %+v", b.txs)
		}
	})
}

// A peer that comes late downloads what it lacks.
func TestALatePeerDownloadsTheChain(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		n := seeded(t, 1)
		for i := range 5 {
			n.step(t, i)
		}
		first, late := n.peers[0], n.peers[1]
		t.Cleanup(first.live())
		t.Cleanup(late.live())
		a, b := p2p.Pipe()
		join(t, a, "late", 68, first.proto)
		join(t, b, "first", 68, late.proto)
		time.Sleep(30 * time.Second) // the downloader waits 10 s for more peers
		synctest.Wait()
		if head, got := first.head(t), late.head(t); got.hash != head.hash || got.td != head.td || len(got.txs) != 4 {
			t.Errorf("head %d with %d transactions", got.Number, len(got.txs))
		}
	})
}

// forge sends a block of no transactions on the head, sealed with a key, with this body.
func forge(t *testing.T, n *Network, p *peers.Peer, key *ecc.PrivateKey, body *types.Body) {
	t.Helper()
	l := n.peers[0].head(t)
	d, err := newDraft(&l.Header, l.Time+1, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	seal(&d.header, key)
	p.SendRaw(wire.KindNewBlock, wire.AppendNewBlock(nil, types.AppendBlock(nil, &d.header, body), &l.td))
}

func TestWhoForgesIsShownOut(t *testing.T) {
	for name, say := range map[string]func(t *testing.T, n *Network, p *peers.Peer){
		"a block of another signer": func(t *testing.T, n *Network, p *peers.Peer) {
			forge(t, n, p, foreigner(t, 1), &types.Body{})
		},
		"no transaction": func(_ *testing.T, _ *Network, p *peers.Peer) {
			p.SendRaw(wire.KindTransactions, wire.AppendTransactions(nil, [][]byte{{0xc1, 0x01}}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			talk(t, func(t *testing.T, n *Network, node *peers.Node) {
				p := node.Join("a", 68, atHead(n))
				say(t, n, p)
				err := p.Cause()
				if _, ok := errors.AsType[*p2p.Violation](err); !ok {
					t.Errorf("ended with %v", err)
				}
			})
		})
	}
}

// A block with another's body is not taken, as in geth, which only ignores it.
func TestBodyOfAnotherBlock(t *testing.T) {
	talk(t, func(t *testing.T, n *Network, node *peers.Node) {
		p := node.Join("a", 68, atHead(n))
		head := n.peers[0].head(t)
		forge(t, n, p, n.sealer.key, &head.body)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if at := n.peers[0].head(t); at.hash != head.hash || p.Ended() {
			t.Errorf("head %d, ended: %v", at.Number, p.Ended())
		}
		forge(t, n, node.Join("b", 68, atHead(n)), n.sealer.key, &types.Body{})
		synctest.Wait()
		if at := n.peers[0].head(t); at.Number != head.Number+1 {
			t.Errorf("head %d: the block with its own body is not taken", at.Number)
		}
	})
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
		if l := n.peers[0]; l.pool.tx(good.Hash()) == nil || l.pool.tx(bad.Hash()) != nil {
			t.Error("the good one is not there, or the bad one is")
		}
	})
}
