// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/p2p"
)

// What a block may cost a mesh of honest nodes.
const (
	maxHops   = 8               // until nine of ten have the block
	maxAllAt  = 2 * time.Second // until all have it: the last by an announcement, which waits for 500 ms
	maxCopies = 4.5             // whole blocks per node, of about twelve neighbors
	maxTimes  = 8               // bytes about blocks per node, in sizes of the block
)

// meshSize is smaller with the race detector, which slows every node.
func meshSize() (honest, rounds int) {
	if bubble.Race {
		return 32, 2
	}
	return 500, 3
}

// TestBlocksReachAMesh: each block reaches all nodes within a number of hops, and costs each node few copies of it.
func TestBlocksReachAMesh(t *testing.T) {
	honest, rounds := meshSize()
	bubble.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Unix(1_600_000_000, 0))) // in a bubble
		c := newMesh(t, honest, 0)
		defer c.close()
		time.Sleep(10 * time.Second) // in a bubble
		tx := peers.ListOf(make([]byte, 2000))
		for round := range rounds {
			for _, n := range c.nodes {
				n.mu.Lock()
				n.heard = heard{}
				n.mu.Unlock()
			}
			began := time.Now()
			b := c.mine(c.nodes[round*37%honest], tx, tx, tx, tx, tx)
			time.Sleep(4 * time.Second) // in a bubble
			synctest.Wait()
			c.wantHead(b)
			c.report(b, began)
			time.Sleep(9 * time.Second) // in a bubble
		}
	})
}

func (c *mesh) wantHead(b *peers.Block) {
	c.t.Helper()
	wrong := 0
	for i, n := range c.nodes {
		if h := n.held.Head(); h.Hash != b.Hash {
			if wrong++; wrong < 4 {
				c.t.Errorf("node %d has the head %d, %v; want %d, %v", i, h.Number, h.Hash, b.Header.Number, b.Hash)
			}
		}
	}
	if wrong > 0 {
		c.t.Fatalf("%d of %d nodes have another head", wrong, len(c.nodes))
	}
}

// report compares what a block cost with what it may cost.
func (c *mesh) report(b *peers.Block, began time.Time) {
	c.t.Helper()
	var times []time.Duration
	total, copies := heard{}, 0
	for _, n := range c.nodes {
		n.mu.Lock()
		if at, ok := n.at[b.Hash]; ok {
			times = append(times, at.Sub(began))
		}
		total.whole, total.hashes, total.bytes = total.whole+n.heard.whole, total.hashes+n.heard.hashes, total.bytes+n.heard.bytes
		copies = max(copies, n.heard.whole)
		n.mu.Unlock()
	}
	slices.Sort(times)
	nodes, size := float64(len(c.nodes)), float64(len(b.NewBlock()))
	most, last := times[len(times)*9/10], times[len(times)-1]
	perNode, sizes := float64(total.whole)/nodes, float64(total.bytes)/nodes/size
	c.t.Logf("block %d of %.0f bytes: nine of ten nodes within %d hops, all within %v; %.2f whole copies per node, at most %d, and %.1f hashes; %.1f sizes of the block per node",
		b.Header.Number, size, most/hop, last, perNode, copies, float64(total.hashes)/nodes, sizes)
	if len(times) != len(c.nodes) || most > maxHops*hop || last > maxAllAt || perNode > maxCopies || sizes > maxTimes {
		c.t.Error("a bound is exceeded")
	}
}

// TestHonestNodesAgreeAmongLiars: a fifth of the nodes lie in every way; all honest nodes follow the honest miners.
func TestHonestNodesAgreeAmongLiars(t *testing.T) {
	honest, liars, rounds := 400, 100, 4
	if bubble.Race { // fewer nodes and rounds with the race detector, which slows every node
		honest, liars, rounds = 22, 11, 3
	}
	bubble.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Unix(1_600_000_000, 0))) // in a bubble
		c := newMesh(t, honest, liars)
		defer c.close()
		defer func() {
			for _, l := range c.liars {
				l.close()
			}
		}()
		time.Sleep(10 * time.Second) // in a bubble
		for round := range rounds {
			b := c.mine(c.nodes[round*37%honest])
			time.Sleep(3 * time.Second) // in a bubble
			for _, l := range c.liars {
				l.lie(b)
			}
			time.Sleep(11 * time.Second) // in a bubble
			synctest.Wait()
			c.wantHead(b)
		}
		left := make(map[string]int)
		for _, n := range c.nodes {
			for _, s := range n.proto.Sessions() {
				if id := s.ID(); string(id[:4]) == "liar" {
					left["liars"]++
				} else {
					left["honest"]++
				}
			}
		}
		t.Logf("%d honest nodes among %d liars agree on block %d; sessions: %v", honest, liars, c.blocks.Head().Header.Number, left)
		if left["honest"] < honest*degree*2*9/10 {
			t.Errorf("honest nodes ended sessions with each other: %v", left)
		}
	})
}

// slow is a transport whose messages take a hop, and that counts those that arrive.
type slow struct {
	p2p.Transport
	node *member
}

// Flush implements p2p.Transport.
func (s *slow) Flush(deadline time.Time) error {
	time.Sleep(hop) // in a bubble
	return s.Transport.Flush(deadline)
}

// Read implements p2p.Transport.
func (s *slow) Read(deadline time.Time) (uint64, []byte, error) {
	code, payload, err := s.Transport.Read(deadline)
	if err != nil {
		return code, payload, err
	}
	s.node.mu.Lock()
	defer s.node.mu.Unlock()
	s.node.heard.bytes += len(payload)
	switch code - peers.CodeEth {
	case wire.KindNewBlock.Row().Code:
		s.node.heard.whole++
	case wire.KindNewBlockHashes.Row().Code:
		s.node.heard.hashes++
	}
	return code, payload, nil
}
