// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
	"github.com/ethpeer/ethpeer/p2p"
)

const (
	neighbors    = 16 // that answer a findnode
	expiration   = 20 * time.Second
	setupTimeout = 5 * time.Second // of RLPx and Hello
)

// A Neighbor is a node of a World. Owner of what changes: the goroutine in answer.
type Neighbor struct {
	ID   enr.ID
	Self enr.Node

	world    *World
	group    *Group
	key      *ecc.PrivateKey
	known    []kad.Contact
	protocol *eth.Protocol
	bonded   map[netip.AddrPort]bool // endpoints that it has pinged
}

func (n *Neighbor) introduce(ip netip.Addr) error {
	var b enr.Builder
	b.SetIP(ip)
	b.SetTCP(Port)
	b.SetUDP(Port)
	b.SetEth(n.group.Fork.Hash, n.group.Fork.Next)
	record, err := b.Sign(n.key, 1)
	if err != nil {
		return err
	}
	n.Self, n.ID = record.Node(), record.ID()
	return nil
}

// answer speaks discovery v4 until the socket is closed.
func (n *Neighbor) answer(packets *memnet.Packets) {
	b := make([]byte, v4wire.MaxSize)
	for {
		size, from, err := packets.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		p, err := v4wire.Decode(b[:size])
		if err != nil || n.world.failed() {
			continue
		}
		for _, m := range n.replies(p, from) {
			out, _, err := v4wire.Append(nil, n.key, m)
			if err != nil {
				panic(err) // a fault of the test
			}
			_, _ = packets.WriteToUDPAddrPort(out, from) // datagrams may be lost
		}
	}
}

func (n *Neighbor) replies(p v4wire.Packet, from netip.AddrPort) (out []v4wire.Message) {
	now := time.Now()
	until := now.Add(expiration).Unix()
	switch m := p.Message.(type) {
	case *v4wire.Ping:
		out = append(out, &v4wire.Pong{To: v4wire.EndpointOf(from, m.From.TCP), PingHash: p.Hash, Expiration: until, ENRSeq: 1})
		if !n.bonded[from] {
			n.bonded[from] = true
			out = append(out, &v4wire.Ping{
				Version: v4wire.Version, From: v4wire.EndpointOf(netip.AddrPortFrom(n.Self.IP, Port), Port),
				To: v4wire.EndpointOf(from, 0), Expiration: until, ENRSeq: 1,
			})
		}
	case *v4wire.Findnode:
		var told []v4wire.Node
		for _, c := range n.nearest(enr.ID(keccak.Sum256(m.Target[:]))) {
			told = append(told, v4wire.NodeOf(c.Node))
		}
		for part := range v4wire.Split(told) {
			out = append(out, &v4wire.Neighbors{Nodes: part, Expiration: until})
		}
	case *v4wire.ENRRequest:
		out = append(out, &v4wire.ENRResponse{RequestHash: p.Hash, Record: n.Self.Record.Raw()})
	}
	return out
}

func (n *Neighbor) nearest(target enr.ID) []kad.Contact {
	cs := slices.Clone(n.known)
	slices.SortFunc(cs, func(a, b kad.Contact) int { return kad.Compare(target, a.ID, b.ID) })
	return cs[:min(len(cs), neighbors)]
}

// accept serves one connection until it ends.
func (n *Neighbor) accept(c net.Conn) {
	defer c.Close()
	if !n.group.Peers {
		return
	}
	deadline := time.Now().Add(setupTimeout)
	r := &Raw{Stream: c, Key: n.key}
	if r.Accept(deadline) != nil {
		return
	}
	protocols := []p2p.Protocol{n.protocol}
	theirs, err := r.Greet(deadline, "neighbor", p2p.Caps(protocols)...)
	if err != nil {
		p2p.SayGoodbye(r.Conn, err)
		return
	}
	peer, err := p2p.NewPeer(r.Conn, p2p.Config{ID: r.Other, Hello: theirs, Inbound: true, Began: time.Now(), Protocols: protocols})
	if err != nil {
		p2p.SayGoodbye(r.Conn, err)
		return
	}
	ctx, cancel := context.WithCancel(n.world.ctx)
	defer cancel()
	_ = peer.Run(ctx) // the node that is tested records the end
}
