// SPDX-License-Identifier: Apache-2.0

//go:build interop

package runs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/seals"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/interop/network"
	"github.com/ethpeer/ethpeer/params"
)

// TestProofOfWork has two miners compete for ten seconds each way: make soak has them compete for a minute.
func TestProofOfWork(t *testing.T) { proofOfWork(t, 10*time.Second) }

// proofOfWork has two miners compete, with the proof of work of go-ethereum's test mode, and with none. The node follows
// every reorganisation, ends on geth's head, and loses no peer. Its head is the heaviest chain of gossiped blocks.
func proofOfWork(t *testing.T, length time.Duration) {
	t.Helper()
	for _, c := range []struct {
		engine string
		sealed bool
		id     int
	}{{"testpow", true, 1926}, {"fakepow", false, 1927}} {
		t.Run(c.engine, func(t *testing.T) {
			n := network.Start(t, network.Config{
				Script: "start-clique.sh", Client: "v1.9.25", Nodes: 2, Period: "1", TPS: 5, Ready: 3, ChainID: c.id,
				Env: []string{"ENGINE=" + c.engine, "MINERS=2"},
			})
			m := mineWith(t, n, c.sealed)
			time.Sleep(length)
			m.wantHead(t, n)
			m.report(t, c.engine)
		})
	}
}

// A miningNode is a node of ours in a network of miners, with what it recorded.
type miningNode struct {
	node *ethpeer.Node

	mu              sync.Mutex // guards what follows
	peers, lost     int
	heads           map[string]int // by source
	reorgs, deepest int
	blocks          int
}

// mineWith starts a node that dials all nodes of a network, and returns when it is connected.
func mineWith(t *testing.T, n *network.Network, sealed bool) *miningNode {
	t.Helper()
	raw, err := os.ReadFile(n.Genesis())
	if err != nil {
		t.Fatal(err)
	}
	c, err := params.ParseGenesis(raw)
	if err != nil {
		t.Fatal(err)
	}
	m := &miningNode{heads: map[string]int{}}
	cfg := ethpeer.Config{
		Chain: c, NetworkID: uint64(n.ChainID()), Listen: "127.0.0.1:0", NetRestrict: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Record: m.record,
	}
	if sealed {
		s := seals.New(seals.Config{Params: c, Test: true})
		t.Cleanup(s.Close)
		cfg.Seals = s
	}
	for _, o := range n.Nodes {
		node, err := enr.ParseNode(o.Enode)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Static = append(cfg.Static, node)
	}
	if m.node, err = ethpeer.New(cfg); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := m.node.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	cursor := m.node.Chain().Follow()
	running.Go(func() { m.follow(ctx, cursor) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	m.until(t, "is connected to every node", func() bool { return len(m.node.Peers()) == len(n.Nodes) })
	return m
}

func (m *miningNode) record(e event.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch e := e.(type) {
	case event.Peer:
		switch e.Change {
		case event.PeerUp:
			m.peers++
		case event.PeerDown:
			m.lost++
		}
	case event.Head:
		m.heads[e.By]++
	case event.Block:
		m.blocks++
	}
}

// follow counts reorganisations.
func (m *miningNode) follow(ctx context.Context, cursor *chain.Cursor) {
	defer cursor.Close()
	for {
		change, err := cursor.Wait(ctx)
		if err != nil {
			return
		}
		if len(change.Removed) > 0 {
			m.mu.Lock()
			m.reorgs++
			m.deepest = max(m.deepest, len(change.Removed))
			m.mu.Unlock()
		}
	}
}

func (m *miningNode) until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(minute); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("a minute passed before the node %s", what)
		}
	}
}

// settled is how many blocks below the head no longer change in a network of two miners.
const settled = 8

// wantHead waits until the node has the head of a miner, and the same canonical blocks below it, with their bodies.
func (m *miningNode) wantHead(t *testing.T, n *network.Network) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), minute)
	defer cancel()
	end := time.Now().Add(minute)
	for {
		err := m.differs(ctx, n)
		if err == nil {
			return
		}
		if time.Now().After(end) || ctx.Err() != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// differs returns what of the node's chain differs from a miner's; nil if nothing does.
func (m *miningNode) differs(ctx context.Context, n *network.Network) (err error) {
	held := m.node.Chain()
	for _, o := range n.Nodes {
		top, rpcErr := o.Latest(ctx)
		if rpcErr != nil {
			return rpcErr
		}
		if h := held.Head(); h.Hash.String() != top.Hash {
			err = fmt.Errorf("the head is block %d, %v; that of %s is %d, %s", h.Number, h.Hash, o.Name, top.Number, top.Hash)
			continue
		}
		for number := held.Tail(); number+settled <= top.Number; number++ {
			b, rpcErr := o.BlockAt(ctx, number)
			h, ok := held.Canonical(number)
			switch {
			case rpcErr != nil:
				return rpcErr
			case !ok || h.String() != b.Hash:
				return fmt.Errorf("block %d is %v, that of %s is %s", number, h, o.Name, b.Hash)
			case held.Body(h) == nil:
				return fmt.Errorf("the body of block %d is not held", number)
			}
		}
		return nil
	}
	return err
}

func (m *miningNode) report(t *testing.T, engine string) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.node.Chain().Head()
	t.Logf("FIGURES proof of work, %s, head by %v: %d blocks to head %d, %d reorganisations, the deepest of %d blocks, %d peers, %d lost",
		engine, strings.Join(slices.Sorted(maps.Keys(m.heads)), " "), m.blocks, h.Number, m.reorgs, m.deepest, m.peers, m.lost)
	if m.lost > 0 || m.heads[event.HeadByGossip] == 0 {
		t.Errorf("%d peers were lost, heads by %v", m.lost, m.heads)
	}
}
