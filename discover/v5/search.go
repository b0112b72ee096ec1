// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"context"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/owner"
)

// Lookup finds the nodes nearest to a target that answer, at most 16, nearest first. If we
// know nobody it looks for somebody first. It asks nobody else when ctx has ended.
func (n *Node) Lookup(ctx context.Context, target enr.ID) ([]enr.Node, error) {
	return owner.Ask(ctx, n.owner, func(m *machine, now time.Time, reply func([]enr.Node, error)) {
		if !m.seek(now, kad.Query{
			Target: kad.Target{ID: target},
			Needed: func() bool { return ctx.Err() == nil },
			Done:   func(_ time.Time, nearest []kad.Contact) { reply(nodesOf(nearest), nil) },
		}) {
			reply(nil, ErrBusy)
		}
	})
}

// Resolve returns the newest record of a node: the one that it gives when it is asked where
// it is said to be, or else where the table or a lookup knows it to be; or else the one
// that the table or a lookup has. It returns false if there is none newer than the given
// node's.
func (n *Node) Resolve(ctx context.Context, of enr.Node) (enr.Node, bool) {
	if r, err := n.RequestRecord(ctx, of); err == nil {
		return r.Node(), true
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
	if !found {
		return of, false
	}
	if r, err := n.RequestRecord(ctx, best); err == nil {
		return r.Node(), true
	}
	return best, true
}

// newer reports whether a node is known better than by what we had.
func newer(n, had enr.Node) bool {
	switch {
	case n.Record == nil:
		return had.Record == nil && (n.IP != had.IP || n.UDP != had.UDP)
	case had.Record == nil:
		return true
	}
	return n.Record.Seq() > had.Record.Seq()
}

// Next is a walk at random: it waits for a node that it has not given in the last half minute,
// and returns false if ctx or Run has ended first. The nodes have records. No lookup begins
// while nobody waits.
func (n *Node) Next(ctx context.Context) (enr.Node, bool) {
	node, err := owner.Want(ctx, n.owner,
		func(m *machine, now time.Time, give func(enr.Node)) { m.onWant(now, give) },
		(*machine).onEnough)
	return node, err == nil
}
