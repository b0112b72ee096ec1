// SPDX-License-Identifier: Apache-2.0

package v4

import (
	"context"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/internal/owner"
)

// A Node takes part in discovery v4. Any goroutine may call its request methods; they block until
// the response arrives, the request times out, ctx ends, or Run has ended.
type Node struct {
	cfg   Config
	inbox *bounded.Datagrams
	loop  *owner.Loop[*machine]
	table atomic.Pointer[[]kad.Contact]
}

// New checks the configuration. Nothing is sent before Run.
func New(cfg Config) (*Node, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	return &Node{cfg: cfg, inbox: bounded.NewDatagrams(maxInbox, v4wire.MaxSize), loop: owner.NewLoop[*machine](cfg.Record)}, nil
}

// Deliver puts a copy of a datagram into the inbox. It reports whether the datagram belongs to
// this protocol: its hash is right (devp2p/discv4.md#wire-protocol). Deliver never blocks: while 256 datagrams wait, the
// next is dropped and counted. Only one goroutine may call it.
func (n *Node) Deliver(from netip.AddrPort, datagram []byte) bool {
	if _, err := v4wire.Open(datagram); err != nil {
		return false
	}
	n.inbox.Put(from, datagram)
	return true
}

// Refresh begins a refresh from the bootnodes and the seeds, if the table is empty. It returns when the refresh has begun, or ctx
// or Run has ended.
func (n *Node) Refresh(ctx context.Context) {
	_, _ = owner.Ask(ctx, n.loop.Owner, func(m *machine, now time.Time, reply func(struct{}, error)) {
		if m.table.Len() == 0 {
			m.act(now, m.table.WantRefresh(now))
		}
		reply(struct{}{}, nil)
	})
}

// Ping sends a Ping and returns the record's sequence number that the Pong states, or 0 without one
// (devp2p/discv4.md#ping-packet-0x01).
func (n *Node) Ping(ctx context.Context, to enr.Node) (seq uint64, err error) {
	a, err := n.request(ctx, &request{to: kad.NewContact(to), kind: v4wire.TypePing})
	return a.seq, err
}

// RequestRecord requests the node's own record (devp2p/discv4.md#enrrequest-packet-0x05).
func (n *Node) RequestRecord(ctx context.Context, of enr.Node) (*enr.Record, error) {
	a, err := n.request(ctx, &request{to: kad.NewContact(of), kind: v4wire.TypeENRRequest})
	return a.record, err
}

// Findnode requests nodes near the Keccak-256 of the target (devp2p/discv4.md#findnode-packet-0x03). The returned nodes have
// addresses that the node may relay; they are not remembered.
func (n *Node) Findnode(ctx context.Context, from enr.Node, target [64]byte) ([]enr.Node, error) {
	a, err := n.request(ctx, &request{to: kad.NewContact(from), kind: v4wire.TypeFindnode, target: target})
	return nodes(a.found), err
}

func nodes(cs []kad.Contact) (out []enr.Node) {
	for _, c := range cs {
		out = append(out, c.Node)
	}
	return out
}

// request posts a request to the loop and waits for the response.
func (n *Node) request(ctx context.Context, q *request) (response, error) {
	return owner.Ask(ctx, n.loop.Owner, func(m *machine, now time.Time, reply func(response, error)) {
		q.done = func(_ time.Time, a response) { reply(a, a.err) }
		m.request(now, q)
	})
}

// Lookup returns at most 16 nodes that responded and are nearest to the Keccak-256 of the target,
// nearest first (devp2p/discv4.md#recursive-lookup). It sends no further request when ctx has ended.
func (n *Node) Lookup(ctx context.Context, target [64]byte) ([]enr.Node, error) {
	found, err := owner.Ask(ctx, n.loop.Owner, func(m *machine, now time.Time, reply func([]kad.Contact, error)) {
		if !m.search.Begin(now, kad.Query{
			Target: kad.Target{ID: enr.ID(keccak.Sum256(target[:])), Key: target},
			Needed: func() bool { return ctx.Err() == nil },
			Done:   func(_ time.Time, nearest []kad.Contact) { reply(nearest, nil) },
		}) {
			reply(nil, ErrBusy)
		}
	})
	return nodes(found), err
}

// Resolve returns the current endpoint of a node. It requests the record at the known endpoint first, then at
// the endpoints that a lookup and the table have. Only a node that responds is returned.
func (n *Node) Resolve(ctx context.Context, of enr.Node) (enr.Node, bool) {
	if r, err := n.RequestRecord(ctx, of); err == nil {
		return n.settle(ctx, of, r), true
	}
	id := of.ID()
	found, err := n.Lookup(ctx, of.Key.Bytes())
	if err != nil {
		return enr.Node{}, false
	}
	for _, near := range append(found, nodes(n.Table())...) {
		if near.ID() == id {
			if r, err := n.RequestRecord(ctx, near); err == nil {
				return n.settle(ctx, near, r), true
			}
			if _, err := n.Ping(ctx, near); err == nil {
				return near, true // alive, without a record
			}
		}
	}
	return enr.Node{}, false
}

// settle is [kad.Settle] with a ping.
func (n *Node) settle(ctx context.Context, at enr.Node, r *enr.Record) enr.Node {
	return kad.Settle(at, r, func(stated enr.Node) bool {
		_, err := n.Ping(ctx, stated)
		return err == nil
	})
}

// Next blocks until it has a node, with its record if the node has one. The same node may be returned again
// after half a minute. Next returns false when ctx or Run has ended. Only one goroutine may call it;
// without a call, no lookup begins.
func (n *Node) Next(ctx context.Context) (enr.Node, bool) {
	node, err := owner.Want(ctx, n.loop.Owner,
		func(m *machine, now time.Time, give func(enr.Node)) { m.onWait(now, give) },
		func(m *machine) { m.iterator.waiter = nil })
	return node, err == nil
}

// Table returns the entries of the table, at most a second old. The caller must not change the
// slice.
func (n *Node) Table() []kad.Contact {
	if t := n.table.Load(); t != nil {
		return *t
	}
	return nil
}
