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

// A Node does discovery v4. Its questions may be asked from any goroutine; they block until
// there is an answer, ctx ends, or Run has ended.
type Node struct {
	cfg    Config
	inbox  *bounded.Datagrams
	owner  *owner.Owner[*machine] // the loop
	table  atomic.Pointer[[]kad.Contact]
	unsent uint64 // datagrams that the socket refused and nobody was told of; the loop's
}

// New checks the configuration. Nothing is sent before Run.
func New(cfg Config) (*Node, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	return &Node{cfg: cfg, inbox: bounded.NewDatagrams(maxInbox, v4wire.MaxSize), owner: owner.New[*machine]()}, nil
}

// Deliver takes a datagram, which is copied if it is kept. It reports whether it is one of
// this protocol, by its hash. It never blocks: while 256 wait, the next is dropped and
// counted. One goroutine calls it.
func (n *Node) Deliver(from netip.AddrPort, datagram []byte) bool {
	if _, err := v4wire.Open(datagram); err != nil {
		return false
	}
	n.inbox.Put(from, datagram)
	return true
}

// Refresh looks for nodes now, from the bootnodes and the seeds, if the table is empty. It returns when the loop has taken this
// up, or ctx or Run has ended.
func (n *Node) Refresh(ctx context.Context) {
	_, _ = owner.Ask(ctx, n.owner, func(m *machine, now time.Time, reply func(struct{}, error)) {
		if m.table.Len() == 0 {
			m.act(now, m.table.WantRefresh(now))
		}
		reply(struct{}{}, nil)
	})
}

// Ping asks whether a node is there, and returns the sequence number of its record as it
// states it, 0 if it does not.
func (n *Node) Ping(ctx context.Context, to enr.Node) (seq uint64, err error) {
	a, err := n.request(ctx, &request{to: kad.NewContact(to), kind: v4wire.TypePing})
	return a.seq, err
}

// RequestRecord asks a node for its record (EIP-868).
func (n *Node) RequestRecord(ctx context.Context, of enr.Node) (*enr.Record, error) {
	a, err := n.request(ctx, &request{to: kad.NewContact(of), kind: v4wire.TypeENRRequest})
	return a.record, err
}

// Findnode asks a node for nodes near the Keccak-256 of the target. What it tells of is
// neither checked nor remembered.
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

// request has the loop begin a request.
func (n *Node) request(ctx context.Context, q *request) (response, error) {
	return owner.Ask(ctx, n.owner, func(m *machine, now time.Time, reply func(response, error)) {
		q.done = func(_ time.Time, a response) { reply(a, a.err) }
		m.request(now, q)
	})
}

// Lookup returns the nodes nearest to the Keccak-256 of the target that answered, at most 16,
// nearest first. It asks nobody else when ctx has ended.
func (n *Node) Lookup(ctx context.Context, target [64]byte) ([]enr.Node, error) {
	found, err := owner.Ask(ctx, n.owner, func(m *machine, now time.Time, reply func([]kad.Contact, error)) {
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

// Resolve finds out where a node is now: from its own record, if it answers where it was
// last known; else from others, if it answers where they say.
func (n *Node) Resolve(ctx context.Context, of enr.Node) (enr.Node, bool) {
	if r, err := n.RequestRecord(ctx, of); err == nil {
		return r.Node(), true
	}
	id := of.ID()
	found, err := n.Lookup(ctx, of.Key.Bytes())
	if err != nil {
		return enr.Node{}, false
	}
	for _, near := range append(found, nodes(n.Table())...) {
		if near.ID() == id {
			if r, err := n.RequestRecord(ctx, near); err == nil {
				return r.Node(), true
			}
			if _, err := n.Ping(ctx, near); err == nil {
				return near, true // it has no record
			}
		}
	}
	return enr.Node{}, false
}

// Next blocks until it has a node, with its record if it has one. A node may come again
// after half a minute. It returns false when ctx or Run has ended. One goroutine calls it;
// while nobody does, nobody is looked for.
func (n *Node) Next(ctx context.Context) (enr.Node, bool) {
	node, err := owner.Want(ctx, n.owner,
		func(m *machine, now time.Time, give func(enr.Node)) { m.onWait(now, give) },
		func(m *machine) { m.iterator.waiter = nil })
	return node, err == nil
}

// Table returns the entries of the table as of at most a second ago. The slice must not be
// changed.
func (n *Node) Table() []kad.Contact {
	if t := n.table.Load(); t != nil {
		return *t
	}
	return nil
}
