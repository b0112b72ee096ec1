// SPDX-License-Identifier: Apache-2.0

// in: the head that counts, changes of the chain · out: events, what is synchronised, our record's fork ID ·
// goroutines: that of the sources, and one that follows the chain

package ethpeer

import (
	"context"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/event"
)

// Head returns the head that counts, by which source, and whether it is proved; false if no source has named one.
// The chain's own head, up to which blocks are held, may be behind it: see Chain. Any goroutine may call it.
func (n *Node) Head() (head.Selected, bool) { return n.heads.Head() }

// nameless is a head whose number is not known yet: an operator or a consensus client may name a hash alone. Its mutex
// guards a leaf.
type nameless struct {
	mu   sync.Mutex
	head head.Selected // the zero value = none
}

// onHead takes each head that counts. The sources' goroutine calls it.
func (n *Node) onHead(h head.Selected) {
	n.nameless.mu.Lock()
	n.nameless.head = head.Selected{}
	link, held := n.chain.Link(h.Hash)
	switch {
	case h.Numbered():
	case held:
		h.Number = link.Number
	default:
		n.nameless.head = h
	}
	told := n.nameless.head.Hash.IsZero()
	n.nameless.mu.Unlock()
	if told {
		n.tellHead(&h)
	}
	if n.steers(&h) {
		n.sync.Believe(h.Believed)
	}
}

// steers reports whether the chain is to go to a head. Where there is no consensus layer, the weight of the blocks that are
// held decides (EIP-3675), whatever peers say. A source that is silent steers no more.
func (n *Node) steers(h *head.Selected) bool {
	fromPeers := h.By == event.HeadByGossip || h.By == event.HeadByPeers
	return !h.Stale && (!fromPeers || n.cfg.Chain.Terminal != nil)
}

func (n *Node) tellHead(h *head.Selected) {
	n.cfg.Record.Record(event.Head{
		At: event.At{Time: time.Now()}, Number: h.Number, Hash: h.Hash,
		By: h.By, Supporters: h.Supporters, Proved: h.Proved, Lag: h.Lag, Stale: h.Stale,
	})
}

// follow keeps what depends on the chain's head: the fork ID in our record, by which other nodes choose whom to dial
// (devp2p/enr-entries/eth.md), and the number of a head that was named without one.
func (n *Node) follow(ctx context.Context) {
	cursor := n.chain.Follow()
	defer cursor.Close()
	said := n.fork
	for {
		if id := n.protocol.ForkID(); id != said {
			said = id
			n.host.Self().SetEth(id.Hash, id.Next)
			n.host.Self().Record() // signs it, and tells discovery
		}
		change, err := cursor.Wait(ctx)
		if err != nil {
			return
		}
		n.number(&change.Head)
		if h, ok := n.heads.Head(); ok {
			n.finalize(h.Finalized)
		}
	}
}

// finalize tells the chain below which block there is no reorganisation. A source may know its hash alone.
func (n *Node) finalize(b chain.Ref) {
	if b.Number == 0 {
		if link, held := n.chain.Link(b.Hash); held {
			b.Number = link.Number
		}
	}
	if b.Number > n.chain.Final().Number {
		n.chain.Finalize(b)
	}
}

// number tells a head that had no number, if it is the chain's head now.
func (n *Node) number(at *chain.Head) {
	n.nameless.mu.Lock()
	h := n.nameless.head
	found := !h.Hash.IsZero() && h.Hash == at.Hash
	if found {
		n.nameless.head = head.Selected{}
	}
	n.nameless.mu.Unlock()
	if found {
		h.Number = at.Number
		n.tellHead(&h)
	}
}

// latest is what our Status says: the chain's own head, and the range of blocks that we serve whole.
func (n *Node) latest() eth.Latest {
	h, earliest := n.chain.Head(), n.chain.Earliest()
	l := eth.Latest{Number: h.Number, Time: h.Time, Hash: h.Hash, TD: h.TD, Earliest: min(earliest, h.Number)}
	if !h.HasTD {
		// What we can say of a chain whose beginning we have not seen: after the merge the total difficulty is the terminal
		// one or a little more (EIP-3675), and no peer compares it any more.
		l.TD = n.cfg.Chain.GenesisDifficulty
		if t := n.cfg.Chain.Terminal; t != nil && t.Gt(&l.TD) {
			l.TD = *t
		}
	}
	return l
}
