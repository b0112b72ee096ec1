// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/p2p"
)

// An ear counts what a peer of the network tells it.
type ear struct {
	mu    sync.Mutex
	heard map[wire.Kind]int // blocks and transactions, not messages
	last  wire.BlockRangeUpdate
}

func (*ear) Kinds() []wire.Kind {
	return []wire.Kind{
		wire.KindTransactions, wire.KindNewPooledTransactionHashes,
		wire.KindNewBlock, wire.KindNewBlockHashes, wire.KindBlockRangeUpdate,
	}
}

func (e *ear) Open(*eth.Session) eth.Listener { return e }

func (*ear) Close(error) {}

func (e *ear) On(m wire.Message) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	count := 1
	switch m := m.(type) {
	case *wire.Transactions:
		count = m.Len()
	case *wire.NewPooledTransactionHashes:
		count = m.Len()
	case *wire.NewBlockHashes:
		count = m.Len()
	case *wire.BlockRangeUpdate:
		e.last = *m
	}
	e.heard[m.Kind()] += count
	return nil
}

// take returns what was heard, and forgets it.
func (e *ear) take() map[wire.Kind]int {
	synctest.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	heard := e.heard
	e.heard = make(map[wire.Kind]int)
	return heard
}

// listen connects an ear of a version to the first peer of the network.
func listen(t *testing.T, n *Network, name string, v wire.Version) *ear {
	t.Helper()
	e := &ear{heard: make(map[wire.Kind]int)}
	proto, err := eth.New(eth.Config{Chain: n.Chain(), Versions: []wire.Version{v}, Roles: []eth.Role{e}})
	if err != nil {
		t.Fatal(err)
	}
	a, b := p2p.Pipe()
	join(t, a, name, v, n.peers[0].proto)
	join(t, b, "network", v, proto)
	return e
}

// join runs one end of a session with a peer of that name, until the test is over.
func join(t *testing.T, end p2p.Transport, name string, v wire.Version, protocol p2p.Protocol) {
	t.Helper()
	peer, err := p2p.NewPeer(end, p2p.Config{
		ID: peers.IDOf(name), Protocols: []p2p.Protocol{protocol},
		Hello: &p2p.Hello{Version: 5, Client: name, Caps: []p2p.Cap{{Name: "eth", Version: uint(v)}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = peer.Run(context.Background())
		close(ended)
	}()
	t.Cleanup(func() {
		_ = end.Close()
		<-ended
	})
}

// talkative returns a network whose first peer speaks every version.
func talkative(t *testing.T) *Network {
	t.Helper()
	n := seeded(t, 1)
	if err := n.peers[0].speak(n.Chain(), wire.Known()); err != nil {
		t.Fatal(err)
	}
	return n
}

// live runs the loops of a peer's roles, until what it returns is called.
func (p *peer) live() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var loops sync.WaitGroup
	loops.Go(func() { p.blocks.Run(ctx) })
	loops.Go(func() { p.sync.Run(ctx) })
	return func() {
		cancel()
		loops.Wait()
	}
}

// The square root of the peers without a block or transaction gets all of it; the others get its hash.
func TestTheSquareRootGetsAll(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		n := talkative(t)
		t.Cleanup(n.peers[0].live())
		var ears []*ear
		for i := range 9 {
			ears = append(ears, listen(t, n, fmt.Sprint("ear ", i), 68))
		}
		synctest.Wait()
		if err := n.seal(began); err != nil {
			t.Fatal(err)
		}
		n.peers[0].submit(whole(t, transfer(t, foreigner(t, 1), 0)))
		sum := make(map[wire.Kind]int)
		for _, e := range ears {
			heard := e.take()
			if heard[wire.KindNewBlock]+heard[wire.KindNewBlockHashes] != 1 || heard[wire.KindTransactions]+heard[wire.KindNewPooledTransactionHashes] != 1 {
				t.Errorf("one heard %v", heard)
			}
			for kind, count := range heard {
				sum[kind] += count
			}
		}
		if sum[wire.KindNewBlock] != 3 || sum[wire.KindNewBlockHashes] != 6 || sum[wire.KindTransactions] != 3 || sum[wire.KindNewPooledTransactionHashes] != 6 {
			t.Errorf("nine heard %v", sum)
		}
	})
}

// Each version is told in its own way: before eth/65 there are no announcements of transactions, from eth/69
// on there is a BlockRangeUpdate in 32 blocks. Blocks are gossiped in every version, because there is no
// consensus layer.
func TestEachVersionIsToldInItsWay(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		n := talkative(t)
		t.Cleanup(n.peers[0].live())
		old, recent := listen(t, n, "old", 63), listen(t, n, "recent", 70)
		synctest.Wait()
		const txs, blocks = 4, 32
		for nonce := range uint64(txs) {
			n.peers[0].submit(whole(t, transfer(t, foreigner(t, 1), nonce)))
		}
		for range blocks {
			if err := n.seal(began); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		time.Sleep(15 * time.Second) // between two ranges there are 10
		if heard := old.take(); heard[wire.KindTransactions] != txs || heard[wire.KindNewBlock]+heard[wire.KindNewBlockHashes] != blocks || len(heard) > 3 {
			t.Errorf("eth/63 heard %v", heard)
		}
		heard := recent.take()
		if heard[wire.KindTransactions]+heard[wire.KindNewPooledTransactionHashes] != txs || heard[wire.KindBlockRangeUpdate] != 1 ||
			heard[wire.KindNewBlock]+heard[wire.KindNewBlockHashes] != blocks {
			t.Errorf("eth/70 heard %v", heard)
		}
		head := n.peers[0].chain.Head()
		if want := (wire.BlockRangeUpdate{Latest: blocks, LatestHash: head.Hash}); recent.last != want {
			t.Errorf("range %+v, want %+v", recent.last, want)
		}
	})
}
