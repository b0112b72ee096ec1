// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"sync"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/blockgossip"
	"github.com/ethpeer/ethpeer/eth/serve"
	"github.com/ethpeer/ethpeer/eth/txgossip"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
)

// A Node is the side that is tested.
type Node struct {
	chain *params.Chain
	proto *eth.Protocol

	sessions  context.Context // ends when Stop is called
	quit      context.CancelFunc
	stopRoles context.CancelFunc
	peers     sync.WaitGroup // whose connections run
	loops     sync.WaitGroup // of the roles
}

// Start starts a node of the chain that offers all versions.
func Start(chain *params.Chain, record event.Recorder) (*Node, error) {
	answers, err := serve.New(chain)
	if err != nil {
		return nil, err
	}
	txs := txgossip.New(txgossip.Config{Record: record})
	blocks := blockgossip.New(blockgossip.Config{Record: record, Chain: chain, Body: txs.FromBlock})
	var versions []wire.Version
	for v := wire.First; v <= wire.Last; v++ {
		versions = append(versions, v)
	}
	proto, err := eth.New(eth.Config{
		Chain: chain, Versions: versions, Roles: []eth.Role{answers, txs, blocks}, Record: record,
	})
	if err != nil {
		return nil, err
	}
	n := &Node{chain: chain, proto: proto}
	n.sessions, n.quit = context.WithCancel(context.Background())
	var roles context.Context
	roles, n.stopRoles = context.WithCancel(context.Background())
	n.loops.Go(func() { txs.Run(roles) })
	n.loops.Go(func() { blocks.Run(roles) })
	return n, nil
}

// Stop says goodbye to all peers and joins everything. It must be the last call.
func (n *Node) Stop() {
	n.quit()
	n.peers.Wait()
	n.stopRoles()
	n.loops.Wait()
}

// Sessions returns how many peers' Status was accepted.
func (n *Node) Sessions() int { return len(n.proto.Sessions()) }

// Attach connects a peer that has exchanged Hellos and speaks version v. Its name is its
// client name, and the beginning of its ID.
func (n *Node) Attach(name string, v wire.Version) *Conn {
	ours, theirs := p2p.Pipe()
	peer, err := p2p.NewPeer(ours, p2p.Config{
		ID:        IDOf(name),
		Hello:     &p2p.Hello{Version: p2p.BaseVersion, Client: name, Caps: []p2p.Cap{{Name: "eth", Version: uint(v)}}},
		Inbound:   true,
		Protocols: []p2p.Protocol{n.proto},
	})
	if err != nil {
		panic(err) // v is none of eth's versions: a fault of the test
	}
	c := &Conn{chain: n.chain, version: v, t: theirs, turn: make(chan struct{}, 1), ended: make(chan struct{})}
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
