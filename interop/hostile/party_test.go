// SPDX-License-Identifier: Apache-2.0

//go:build interop

package hostile

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/interop/watcher"
	"github.com/ethpeer/ethpeer/params"
)

const (
	honestPeers = 10
	dialled     = 5 // of them, by the nodes
	upLimit     = 30 * time.Second
)

// A world is honest peers that share a chain, and have a session with each node under test.
type world struct {
	t       *testing.T
	chain   *params.Chain
	genesis string // path
	blocks  *peers.Blocks
	pool    peers.Pool
	keys    []*ecc.PrivateKey
	urls    []string // of those that the nodes dial

	mu      sync.Mutex // guards what follows
	remotes map[enr.ID][]*peers.Remote
	serving sync.WaitGroup
}

func newWorld(t *testing.T, chain *params.Chain, blocks *peers.Blocks, pool peers.Pool) *world {
	t.Helper()
	w := &world{
		t: t, chain: chain, blocks: blocks, pool: pool,
		genesis: filepath.Join(t.TempDir(), "genesis.json"), remotes: map[enr.ID][]*peers.Remote{},
	}
	if err := os.WriteFile(w.genesis, []byte(peers.Genesis), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.serving.Wait) // runs last
	for i := range honestPeers {
		key, err := ecc.ParsePrivateKey(append(make([]byte, 31), byte(i+1)))
		if err != nil {
			t.Fatal(err)
		}
		w.keys = append(w.keys, key)
		if i < dialled {
			w.listen(i)
		}
	}
	return w
}

// listen plays an honest peer that nodes dial.
func (w *world) listen(i int) {
	w.t.Helper()
	l, err := net.Listen("tcp", netip.AddrPortFrom(in.honestPeer(i), 0).String())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { l.Close() })
	port := l.Addr().(*net.TCPAddr).Port
	self := enr.Node{Key: w.keys[i].Public(), IP: in.honestPeer(i), TCP: uint16(port)}
	w.urls = append(w.urls, self.URL())
	w.serving.Go(func() {
		for {
			stream, err := l.Accept()
			if err != nil {
				return
			}
			w.serving.Go(func() {
				if c, err := peers.Accept(stream, w.keys[i], name(i), w.chain, version(i)); err == nil {
					w.serve(c)
				}
			})
		}
	})
}

func name(i int) string { return fmt.Sprintf("honest %d", i) }

func version(i int) wire.Version { return wire.Version(66 + i%6) }

// serve makes an honest peer of a connection, until it ends.
func (w *world) serve(c *peers.Conn) {
	r := peers.NewRemote(c, w.pool, nil)
	r.Blocks = w.blocks
	if r.Greet() != nil {
		return
	}
	w.mu.Lock()
	w.remotes[c.Other] = append(w.remotes[c.Other], r)
	w.mu.Unlock()
	if err := r.Serve(); err != nil {
		w.t.Error(err)
	}
}

// start starts a node, and connects the honest peers.
func (w *world) start(bin string, i int) (*watcher.Watcher, enr.Node) {
	w.t.Helper()
	node := watcher.Start(w.t, watcher.Config{
		Bin: bin, Genesis: w.genesis, Network: int(w.chain.NetworkID), Peers: w.urls, MaxPeers: maxPeers, IP: in.node(i),
		Env: []string{"ETHPEER_SEALS=off"}, // the honest peers' blocks keep all rules but have no work
	})
	ctx, cancel := context.WithTimeout(w.t.Context(), upLimit)
	defer cancel()
	if err := node.Listening(ctx); err != nil {
		w.t.Fatal(err)
	}
	self, err := enr.ParseNode(node.Enode)
	if err != nil {
		w.t.Fatal(err)
	}
	var ids []string
	for i, key := range w.keys {
		ids = append(ids, enr.IDOf(key.Public()).String())
		if i < dialled {
			continue
		}
		stream, err := dialFrom(in.honestPeer(i), self)
		if err != nil {
			w.t.Fatal(err)
		}
		c, err := peers.Dial(stream, self.Key, key, name(i), w.chain, version(i))
		if err != nil {
			w.t.Fatal(err)
		}
		w.serving.Go(func() { w.serve(c) })
	}
	if _, err := node.Up(ctx, ids...); err != nil {
		w.t.Fatal(err)
	}
	return node, self
}

// dialFrom opens a stream to a node from an address.
func dialFrom(from netip.Addr, to enr.Node) (net.Conn, error) {
	d := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0)), Timeout: 5 * time.Second}
	return d.Dial("tcp", netip.AddrPortFrom(to.IP, to.TCP).String())
}

// of returns the honest peers' sessions with a node.
func (w *world) of(node enr.Node) []*peers.Remote {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.remotes[node.ID()]
}
