// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v5wire"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/internal/owner"
)

// A Node takes part in discovery v5. Its methods are safe for concurrent use, except that
// one goroutine at a time may call Next. Methods that send requests block until the response arrives, the request
// times out, ctx ends, or Run has ended (ErrClosed).
type Node struct {
	cfg    Config
	filter v5wire.Filter
	inbox  *bounded.Datagrams
	loop   *owner.Loop[*machine]
	table  atomic.Pointer[[]kad.Contact]
}

// New returns a node that sends nothing before Run.
func New(cfg Config) (*Node, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	return &Node{
		cfg:    cfg,
		filter: v5wire.NewFilter(enr.IDOf(cfg.Key.Public())),
		inbox:  bounded.NewDatagrams(inboxSize, v5wire.MaxSize),
		loop:   owner.NewLoop[*machine](cfg.Record),
	}, nil
}

// publish stores a snapshot of the table for other goroutines.
func (n *Node) publish(m *machine) {
	var cs []kad.Contact
	for c := range m.table.All() {
		cs = append(cs, c)
	}
	n.table.Store(&cs)
}

// Table returns the entries of the table, alive or not. The caller must not change the slice.
func (n *Node) Table() []kad.Contact {
	if cs := n.table.Load(); cs != nil {
		return *cs
	}
	return nil
}

// Refresh begins a refresh from the bootnodes and the seeds, if the table is empty. It returns when the refresh has begun, or ctx
// or Run has ended.
func (n *Node) Refresh(ctx context.Context) {
	_, _ = ask(ctx, n, func(m *machine, now time.Time, reply func(struct{}, error)) {
		if m.table.Len() == 0 {
			m.act(now, m.table.WantRefresh(now))
		}
		reply(struct{}{}, nil)
	})
}

// Ping sends a PING and returns the record's sequence number that the PONG states
// (devp2p/discv5/discv5-wire.md#ping-request-0x01).
func (n *Node) Ping(ctx context.Context, to enr.Node) (seq uint64, err error) {
	return ask(ctx, n, func(m *machine, now time.Time, reply func(uint64, error)) {
		ping := &v5wire.Ping{ID: m.newRequestID(), ENRSeq: m.record.Seq()}
		m.requestExternal(now, kad.NewContact(to), ping, func(_ time.Time, r response) { reply(r.seq, r.err) })
	})
}

// RequestRecord requests the node's own record: FINDNODE at distance 0
// (devp2p/discv5/discv5-wire.md#findnode-request-0x03).
func (n *Node) RequestRecord(ctx context.Context, of enr.Node) (*enr.Record, error) {
	return ask(ctx, n, func(m *machine, now time.Time, reply func(*enr.Record, error)) {
		m.requestRecord(now, kad.NewContact(of), m.requestExternal, func(_ time.Time, r *enr.Record, err error) { reply(r, err) })
	})
}

// Findnode requests nodes at logarithmic distances from a node, each from 0 to 256; at distance 0 is the node
// itself (devp2p/discv5/discv5-wire.md#findnode-request-0x03). It returns at most 16 nodes, which have
// records, are at these distances, and have addresses that the node may relay.
func (n *Node) Findnode(ctx context.Context, from enr.Node, distances []uint) ([]enr.Node, error) {
	if len(distances) > v5wire.MaxDistances {
		return nil, fmt.Errorf("v5: %d distances, more than %d", len(distances), v5wire.MaxDistances)
	}
	dists := make([]uint16, len(distances))
	for i, d := range distances {
		if d > v5wire.MaxDistance {
			return nil, fmt.Errorf("v5: distance %d, more than %d", d, v5wire.MaxDistance)
		}
		dists[i] = uint16(d)
	}
	return ask(ctx, n, func(m *machine, now time.Time, reply func([]enr.Node, error)) {
		m.findnode(now, kad.NewContact(from), dists, func(_ time.Time, r response) { reply(nodesOf(r.found), r.err) })
	})
}

// TalkRequest sends a TALKREQ of another protocol and returns the response, which is
// empty if the node does not support the protocol (devp2p/discv5/discv5-wire.md#talkreq-request-0x05).
func (n *Node) TalkRequest(ctx context.Context, to enr.Node, protocol string, data []byte) ([]byte, error) {
	data = bytes.Clone(data)
	return ask(ctx, n, func(m *machine, now time.Time, reply func([]byte, error)) {
		talk := &v5wire.TalkReq{ID: m.newRequestID(), Protocol: []byte(protocol), Data: data}
		m.requestExternal(now, kad.NewContact(to), talk, func(_ time.Time, r response) { reply(bytes.Clone(r.data), r.err) })
	})
}

func nodesOf(cs []kad.Contact) []enr.Node {
	nodes := make([]enr.Node, len(cs))
	for i, c := range cs {
		nodes[i] = c.Node
	}
	return nodes
}
