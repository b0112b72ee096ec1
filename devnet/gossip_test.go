// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

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
	var ends sync.WaitGroup
	join := func(end p2p.Transport, name string, protocol p2p.Protocol) {
		peer, err := p2p.NewPeer(end, p2p.Config{
			ID: peers.IDOf(name), Protocols: []p2p.Protocol{protocol},
			Hello: &p2p.Hello{Version: 5, Client: name, Caps: []p2p.Cap{{Name: "eth", Version: uint(v)}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		ends.Go(func() { _ = peer.Run(context.Background()) })
	}
	join(a, name, n.peers[0].proto)
	join(b, "network", proto)
	t.Cleanup(func() {
		_ = a.Close()
		ends.Wait()
	})
	return e
}

// talkative returns a network whose first peer speaks every version.
func talkative(t *testing.T) *Network {
	t.Helper()
	n := seeded(t, 1)
	p := n.peers[0]
	var err error
	p.proto, err = eth.New(eth.Config{
		Chain: n.Chain(), Versions: wire.Known(), Roles: []eth.Role{p}, Latest: p.store.latest,
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The square root of those who do not know a thing gets all of it; the others, its name.
func TestTheSquareRootGetsAll(t *testing.T) {
	n := talkative(t)
	bubble.Test(t, func(t *testing.T) {
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

// Each version is told in its own way: before eth/65 there are no announcements, from
// eth/69 on there is no block gossip, but one range in 32 blocks.
func TestEachVersionIsToldInItsWay(t *testing.T) {
	n := talkative(t)
	bubble.Test(t, func(t *testing.T) {
		old, recent := listen(t, n, "old", 63), listen(t, n, "recent", 70)
		synctest.Wait()
		const txs = 4
		for nonce := range uint64(txs) {
			n.peers[0].submit(whole(t, transfer(t, foreigner(t, 1), nonce)))
		}
		for range rangeEvery {
			if err := n.seal(began); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		if heard := old.take(); heard[wire.KindTransactions] != txs || heard[wire.KindNewBlock] != rangeEvery || len(heard) != 2 {
			t.Errorf("eth/63 heard %v", heard)
		}
		heard := recent.take()
		if heard[wire.KindTransactions]+heard[wire.KindNewPooledTransactionHashes] != txs || heard[wire.KindBlockRangeUpdate] != 1 ||
			heard[wire.KindNewBlock]+heard[wire.KindNewBlockHashes] != 0 {
			t.Errorf("eth/70 heard %v", heard)
		}
		head := n.peers[0].store.head()
		if want := (wire.BlockRangeUpdate{Latest: rangeEvery, LatestHash: head.hash}); recent.last != want {
			t.Errorf("range %+v, want %+v", recent.last, want)
		}
	})
}
