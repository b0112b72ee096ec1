// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"context"
	"sync"
	"testing"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
)

// A Node is the node under test: eth with the roles that the test gives it. Each of its peers is
// the other end of an in-memory pipe.
type Node struct {
	Budget *p2p.Budget // of the peers that are attached from now on; nil = none

	t     *testing.T
	chain *params.Chain
	proto *eth.Protocol

	sessions  context.Context // ends with Stop
	quit      context.CancelFunc
	roles     context.Context // ends when all sessions have
	stopRoles context.CancelFunc
	peers     sync.WaitGroup // whose connections run
	loops     sync.WaitGroup // of the roles
}

// NewNode returns a node for dialogues: it offers all versions, its request IDs begin with 7000,
// and it stops with the test.
func NewNode(t *testing.T, chain *params.Chain, roles ...eth.Role) *Node {
	t.Helper()
	return Start(t, eth.Config{Chain: chain, Roles: roles, RequestIDs: func() uint64 { return 7000 }})
}

// Start returns a node that offers all versions. It stops with the test, or with Stop.
func Start(t *testing.T, cfg eth.Config) *Node {
	t.Helper()
	cfg.Versions = wire.Known()
	proto, err := eth.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	n := &Node{t: t, chain: cfg.Chain, proto: proto}
	n.sessions, n.quit = context.WithCancel(context.Background())
	n.roles, n.stopRoles = context.WithCancel(context.Background())
	t.Cleanup(n.Stop)
	return n
}

// Go runs loops of the roles until the node has stopped its sessions.
func (n *Node) Go(loops ...func(context.Context)) {
	for _, loop := range loops {
		n.loops.Go(func() { loop(n.roles) })
	}
}

// Stop says goodbye to all peers, ends the loops and waits for both.
func (n *Node) Stop() {
	n.quit()
	n.peers.Wait()
	n.stopRoles()
	n.loops.Wait()
}

// Sessions returns the number of peers whose Status the node accepted.
func (n *Node) Sessions() int { return len(n.proto.Sessions()) }

// Attach connects a peer that has exchanged Hellos, dialled the node and speaks version v. Its
// client name is name, with which its ID begins. Several goroutines may call it.
func (n *Node) Attach(name string, v wire.Version) *Conn { return n.attach(name, v, true) }

func (n *Node) attach(name string, v wire.Version, inbound bool) *Conn {
	ours, theirs := p2p.Pipe()
	peer, err := p2p.NewPeer(ours, p2p.Config{
		ID:        IDOf(name),
		Hello:     &p2p.Hello{Version: p2p.BaseVersion, Client: name, Caps: Eth(v)},
		Inbound:   inbound,
		Protocols: []p2p.Protocol{n.proto},
		Budget:    n.Budget,
	})
	if err != nil {
		panic(err) // v is none of eth's versions: a fault of the test
	}
	c := &Conn{chain: n.chain, version: v, pipe: theirs, turn: make(chan struct{}, 1), ended: make(chan struct{})}
	n.peers.Go(func() {
		c.cause = peer.Run(n.sessions)
		close(c.ended)
	})
	return c
}

// IDOf returns the ID of the peer with that name.
func IDOf(name string) (id enr.ID) {
	copy(id[:], name)
	return id
}

// Eth returns the capabilities of a Hello that offers versions of eth.
func Eth(versions ...wire.Version) (caps []p2p.Cap) {
	for _, v := range versions {
		caps = append(caps, p2p.Cap{Name: "eth", Version: uint(v)})
	}
	return caps
}
