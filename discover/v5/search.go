// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"context"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/owner"
)

// Lookup returns at most 16 nodes that responded and are nearest to a target, nearest first
// (devp2p/discv5/discv5-theory.md#lookup). If the table is empty, it waits for a refresh first. It sends no further request when ctx has
// ended.
func (n *Node) Lookup(ctx context.Context, target enr.ID) ([]enr.Node, error) {
	return ask(ctx, n, func(m *machine, now time.Time, reply func([]enr.Node, error)) {
		if !m.seek(now, kad.Query{
			Target: kad.Target{ID: target},
			Needed: func() bool { return ctx.Err() == nil },
			Done:   func(_ time.Time, nearest []kad.Contact) { reply(nodesOf(nearest), nil) },
		}) {
			reply(nil, ErrBusy)
		}
	})
}

// Resolve returns the current endpoint of a node, with its record. It requests the record at the given endpoint first, then at the
// endpoint that the table or a lookup has, if that is newer. It returns false if the node does not respond: an endpoint in a record
// counts once the node has responded there.
func (n *Node) Resolve(ctx context.Context, of enr.Node) (enr.Node, bool) {
	if r, err := n.RequestRecord(ctx, of); err == nil {
		return n.settle(ctx, of, r), true
	}
	id := of.ID()
	best, found := of, false
	for _, c := range n.Table() {
		if c.ID == id && newer(c.Node, best) {
			best, found = c.Node, true
		}
	}
	if !found {
		nodes, _ := n.Lookup(ctx, id)
		for _, c := range nodes {
			if c.ID() == id && newer(c, best) {
				best, found = c, true
			}
		}
	}
	if found {
		if r, err := n.RequestRecord(ctx, best); err == nil {
			return n.settle(ctx, best, r), true
		}
	}
	return of, false
}

// settle is [kad.Settle] with a ping.
func (n *Node) settle(ctx context.Context, at enr.Node, r *enr.Record) enr.Node {
	return kad.Settle(at, r, func(stated enr.Node) bool {
		_, err := n.Ping(ctx, stated)
		return err == nil
	})
}

// newer reports whether n has a newer record than had, or another endpoint if neither has a record.
func newer(n, had enr.Node) bool {
	switch {
	case n.Record == nil:
		return had.Record == nil && (n.IP != had.IP || n.UDP != had.UDP)
	case had.Record == nil:
		return true
	}
	return n.Record.Seq() > had.Record.Seq()
}

// Next is a random walk: it blocks until it finds a node that it has not returned in the last half minute.
// It returns false if ctx or Run has ended first. The nodes have records. Without a call of Next,
// no lookup begins.
func (n *Node) Next(ctx context.Context) (enr.Node, bool) {
	node, err := owner.Want(ctx, n.loop.Owner,
		func(m *machine, now time.Time, give func(enr.Node)) {
			m.sync()
			m.onWant(now, give)
		},
		(*machine).onEnough)
	return node, err == nil
}
