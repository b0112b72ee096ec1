// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/blockgossip"
	"github.com/ethpeer/ethpeer/eth/serve"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// A mesh is a network of many nodes in memory that relay blocks. Some nodes lie. Each hop takes a time.
type mesh struct {
	t      *testing.T
	chain  *params.Chain
	rnd    *rand.Rand
	nodes  []*member
	liars  []*liar
	wait   sync.WaitGroup
	ctx    context.Context
	stop   context.CancelFunc
	blocks *peers.Blocks // of the honest miners
}

// hop is how long a message takes to a neighbor, and degree how many neighbors a node dials.
const (
	hop    = 50 * time.Millisecond
	degree = 6
)

// A member is an honest node of a mesh.
type member struct {
	id     enr.ID
	held   *chain.Chain
	blocks *blockgossip.Gossip
	proto  *eth.Protocol

	mu    sync.Mutex // guards what follows
	heard heard
	at    map[types.Hash]time.Time // when it had a block first
}

// heard counts what a node received about blocks.
type heard struct{ whole, hashes, bytes int }

// noWork is the extra data of blocks without a proof of work.
const noWork = "no work"

// meshSeals accepts every header but those with noWork.
type meshSeals struct{}

func (meshSeals) Check(h *types.Header) error {
	if string(h.Extra) == noWork {
		return &rules.Error{Rule: rules.Nonce, Number: h.Number, Why: "no work"}
	}
	return nil
}

// newMesh connects honest nodes and liars at random.
func newMesh(t *testing.T, honest, liars int) *mesh {
	t.Helper()
	c := &mesh{t: t, chain: gossipChain(t), rnd: rand.New(rand.NewPCG(7, 7))}
	var err error
	if c.blocks, err = peers.NewBlocks(c.chain); err != nil {
		t.Fatal(err)
	}
	c.ctx, c.stop = context.WithCancel(context.Background())
	for i := range honest {
		c.nodes = append(c.nodes, c.newMember(i))
	}
	for _, n := range c.nodes {
		for range degree {
			if o := c.nodes[c.rnd.IntN(honest)]; o != n {
				c.connect(n, o)
			}
		}
	}
	for i := range liars {
		l := &liar{mesh: c, kind: i % len(lies), rnd: rand.New(rand.NewPCG(9, uint64(i)))}
		c.liars = append(c.liars, l)
		for j := range 2 * degree {
			l.connect(c.nodes[c.rnd.IntN(honest)], fmt.Sprintf("liar %d, %d", i, j))
		}
	}
	return c
}

func (c *mesh) newMember(i int) *member {
	n := &member{at: make(map[types.Hash]time.Time)}
	binary.BigEndian.PutUint64(n.id[:], uint64(i)+1)
	var err error
	if n.held, err = chain.Open(chain.Config{Params: c.chain, Seals: meshSeals{}}); err != nil {
		c.t.Fatal(err)
	}
	record := func(event.Event) {}
	n.blocks = blockgossip.New(blockgossip.Config{Record: record, Params: c.chain, Chain: n.held, Sealed: true})
	n.proto, err = eth.New(eth.Config{
		Chain: c.chain, Roles: []eth.Role{serve.New(serve.Config{Chain: n.held, CacheBytes: -1}), n.blocks}, Record: record,
		Latest: func() eth.Latest {
			h := n.held.Head()
			return eth.Latest{Number: h.Number, Hash: h.Hash, Time: h.Time, TD: h.TD}
		},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.wait.Go(func() { n.blocks.Run(c.ctx) })
	cursor := n.held.Follow()
	c.wait.Go(func() {
		defer cursor.Close()
		for {
			change, err := cursor.Wait(c.ctx)
			if err != nil {
				return
			}
			n.mu.Lock()
			for _, ref := range change.Added {
				n.at[ref.Hash] = time.Now()
			}
			n.mu.Unlock()
		}
	})
	return n
}

// connect makes two honest nodes peers over a pipe.
func (c *mesh) connect(a, b *member) {
	x, y := p2p.Pipe()
	for _, end := range []struct {
		own, other *member
		pipe       p2p.Transport
		inbound    bool
	}{{a, b, x, false}, {b, a, y, true}} {
		c.run(end.own, end.other.id, end.pipe, end.inbound, wire.Version(68))
	}
}

// run runs a node's side of a connection.
func (c *mesh) run(n *member, other enr.ID, pipe p2p.Transport, inbound bool, v wire.Version) {
	peer, err := p2p.NewPeer(&slow{Transport: pipe, node: n}, p2p.Config{
		ID: other, Hello: &p2p.Hello{Version: p2p.BaseVersion, Client: "mesh", Caps: peers.Eth(v)}, Inbound: inbound,
		Protocols: []p2p.Protocol{n.proto},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.wait.Go(func() { _ = peer.Run(c.ctx) }) // the mesh ends it
}

// mine makes a block of an honest node on that node's head, and returns it.
func (c *mesh) mine(n *member, items ...[]byte) *peers.Block {
	c.t.Helper()
	parent := c.blocks.Head()
	if h := n.held.Head(); h.Hash != parent.Hash {
		c.t.Fatalf("a miner is at block %d, not %d", h.Number, parent.Header.Number)
	}
	b := parent.Next(c.chain, max(uint64(time.Now().Unix()), parent.Header.Time+1), "", items...)
	header, body := b.Header.Append(nil), b.Body.Append(nil)
	if _, err := n.held.InsertHeaders(time.Now(), [][]byte{header}); err != nil {
		c.t.Fatal(err)
	}
	if err := n.held.PutBody(b.Hash, body); err != nil {
		c.t.Fatal(err)
	}
	c.blocks.Put(b)
	n.blocks.Mined(header, body, &b.TD)
	return b
}

// close ends all sessions and loops.
func (c *mesh) close() {
	c.stop()
	c.wait.Wait()
}
