// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/chains"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
	"github.com/ethpeer/ethpeer/params"
)

// A chorus is whole nodes in memory that know each other by address.
type chorus struct {
	t     *testing.T
	lis   map[netip.AddrPort]*memnet.Listener
	nodes []*Node
	ends  []func()

	mu    sync.Mutex // guards heads
	heads map[int][]event.Head
}

func (c *chorus) addr(i int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{34, byte(i), 1, 1}), 30303)
}

// add runs a node that dials the one before it.
func (c *chorus) add(w *chains.World, change func(*Config)) *Node {
	c.t.Helper()
	i := len(c.nodes)
	lis := memnet.Listen()
	c.lis[c.addr(i)] = lis
	cfg := Config{
		Chain: w.Params, Key: append(make([]byte, 31), byte(100+i)), Listen: "127.0.0.1:0", History: chain.HistoryFull,
		Record: func(e event.Event) {
			if h, ok := e.(event.Head); ok {
				c.mu.Lock()
				defer c.mu.Unlock()
				c.heads[i] = append(c.heads[i], h)
			}
		},
	}
	if i > 0 {
		before := c.addr(i - 1)
		cfg.Static = []enr.Node{{Key: c.nodes[i-1].Self().Key, IP: before.Addr(), TCP: before.Port()}}
	}
	change(&cfg)
	n, err := build(cfg, seams{listener: lis, dial: func(_ context.Context, to netip.AddrPort) (net.Conn, error) {
		if l := c.lis[to]; l != nil {
			return l.Dial(netip.AddrPortFrom(c.addr(i).Addr(), 1000))
		}
		return nil, memnet.ErrRefused
	}})
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(c.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	c.nodes = append(c.nodes, n)
	c.ends = append(c.ends, func() {
		cancel()
		if err := <-ended; err != nil {
			c.t.Error(err)
		}
	})
	synctest.Wait()
	return n
}

func (c *chorus) end() {
	for _, end := range c.ends {
		end()
	}
}

// sleepUntil waits in a bubble until the time of the chain's last block.
func sleepUntil(line chains.Line) {
	time.Sleep(time.Until(time.Unix(int64(line.Last().Header.Time), 0)))
}

// hold gives a node a chain.
func hold(t *testing.T, n *Node, line chains.Line) {
	t.Helper()
	for at := 1; at < len(line); at += 192 {
		if _, err := n.Chain().InsertHeaders(time.Now(), line.Headers(at, min(at+191, len(line)-1))); err != nil {
			t.Fatal(err)
		}
	}
	for _, b := range line[1:] {
		if err := n.Chain().PutBody(b.Hash, b.Body); err != nil {
			t.Fatal(err)
		}
		if err := n.Chain().PutReceipts(b.Hash, b.Receipts); err != nil {
			t.Fatal(err)
		}
	}
}

// has checks that a node holds a whole chain, and states its head.
func has(t *testing.T, n *Node, line chains.Line) {
	t.Helper()
	last := line.Last()
	if h := n.Chain().Head(); h.Hash != last.Hash {
		t.Fatalf("the head is %d, want %d; %+v", h.Number, last.Header.Number, n.Progress())
	}
	for i := range line {
		b := &line[i]
		if at, ok := n.Chain().Canonical(uint64(i)); !ok || at != b.Hash || !bytes.Equal(n.Chain().Header(b.Hash), b.Header.Raw) {
			t.Fatalf("block %d is %v, want %v", i, at, b.Hash)
		}
		if i > 0 && (!bytes.Equal(n.Chain().Body(b.Hash), b.Body) || !bytes.Equal(n.Chain().Receipts(b.Hash), b.Receipts)) {
			t.Fatalf("the body or the receipts of block %d are not those that were served", i)
		}
	}
	l := n.latest()
	if l.Number != last.Header.Number || l.Hash != last.Hash || l.Earliest > 1 {
		t.Errorf("our Status says %+v", l)
	}
}

// TestAChainGoesFromNodeToNode: one node has a chain. The second node gets all of it and serves it to a
// third. A block that the first node makes then reaches all.
func TestAChainGoesFromNodeToNode(t *testing.T) {
	w := chains.Clique(3, 100)
	line := w.Genesis().Grow(250, chains.Step{Seconds: 5, Txs: 1})
	bubble.Test(t, func(t *testing.T) {
		c := &chorus{t: t, lis: map[netip.AddrPort]*memnet.Listener{}, heads: map[int][]event.Head{}}
		defer c.end()
		sleepUntil(line)
		hold(t, c.add(w, func(*Config) {}), line)
		for range 2 {
			n := c.add(w, func(*Config) {})
			time.Sleep(2 * time.Minute) // in a bubble
			has(t, n, line)
		}
		longer := line.Grow(1, chains.Step{Seconds: 5})
		b := longer.Last()
		if err := c.nodes[0].AddBlock(b.Header.Raw, b.Body); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second) // in a bubble
		for i, n := range c.nodes {
			if h := n.Chain().Head(); h.Hash != b.Hash {
				t.Errorf("node %d is at block %d after a new one", i, h.Number)
			}
			if fork := n.ForkID(); fork != w.Params.ForkID(b.Header.Number, b.Header.Time) {
				t.Errorf("node %d says the fork %v", i, fork)
			}
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		for i, heads := range c.heads {
			if len(heads) == 0 || heads[len(heads)-1].Hash != b.Hash || heads[len(heads)-1].By != event.HeadByGossip {
				t.Errorf("node %d told the heads %+v", i, heads)
			}
		}
	})
}

// TestForkIDFollowsTheHead: checklist row 115. The record states the fork ID of the head that is held, from
// the start and after each block (EIP-2124).
func TestForkIDFollowsTheHead(t *testing.T) {
	w := chains.Mined()
	w.Params.Forks.Blocks = append(slices.Clone(w.Params.Forks.Blocks), params.Fork{Name: "arrowGlacierBlock", At: 10})
	line := w.Genesis().Grow(12, chains.Step{})
	bubble.Test(t, func(t *testing.T) {
		c := &chorus{t: t, lis: map[netip.AddrPort]*memnet.Listener{}, heads: map[int][]event.Head{}}
		defer c.end()
		sleepUntil(line)
		n := c.add(w, func(*Config) {})
		for i := 1; i <= 10; i++ {
			hash, next, ok := n.Self().Record.Eth()
			if id := w.Params.ForkID(uint64(i-1), line[i-1].Header.Time); !ok || hash != id.Hash || next != id.Next {
				t.Errorf("at block %d the record says %x, %d; want %v", i-1, hash, next, id)
			}
			if err := n.AddBlock(line[i].Header.Raw, line[i].Body); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		if hash, next, _ := n.Self().Record.Eth(); next != 0 {
			t.Errorf("after the fork the record says %x, %d", hash, next)
		}
	})
}
