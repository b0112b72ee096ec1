// SPDX-License-Identifier: Apache-2.0

package head

import (
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// Changed works out the head, if something changed since the last call of Changed or Next. It returns
// the head, and true if it is another block than when Changed was last called.
func (m *Peers[P]) Changed(now time.Time) (Head, bool) {
	m.settle(now)
	head, _ := m.tracker.Head()
	changed := m.changed
	m.changed = false
	return head, changed
}

// Head returns the head as of the last call of Changed or Next, and false if there has been none.
func (m *Peers[P]) Head() (Head, bool) { return m.tracker.Head() }

// By says why a head is believed: [event.HeadByGossip] if peers sent the block unasked on a chain
// where blocks are gossiped, otherwise [event.HeadByPeers].
func (m *Peers[P]) By(h Head) string {
	if m.gossips && h.Gossiped {
		return event.HeadByGossip
	}
	return event.HeadByPeers
}

// Get returns the block with that hash, if its header is held.
func (m *Peers[P]) Get(h types.Hash) (chain.Link, bool) { return m.tracker.Recent.Get(h) }

// Has reports whether the block's header is held.
func (m *Peers[P]) Has(h types.Hash) bool { return m.tracker.Recent.Has(h) }

// MarkTold notes that the block was told as a new block, so that blocks that follow it are new, too,
// whatever the head is. It reports whether the block is a fork: not the first that was told on its
// parent, or on a fork that is not the head's branch, or without a held parent.
func (m *Peers[P]) MarkTold(h types.Hash) (fork bool) {
	head, _ := m.tracker.Head()
	m.tracker.Recent.markTold(h, &head.Link)
	k, ok := m.tracker.Recent.known.Get(h)
	return ok && k.fork
}

// FollowsTold reports whether a block's parent was told as a new block.
func (m *Peers[P]) FollowsTold(l *chain.Link) bool { return m.tracker.Recent.followsTold(l) }

// Settled returns how often the head was worked out: at most once for each call of Changed or Next.
func (m *Peers[P]) Settled() uint64 { return m.tracker.settled }

// How far below and above the head gossip is listened to.
const (
	maxBelow = 7
	maxAbove = 32
)

// Near reports whether a block is at a distance from the head at which gossip is
// listened to: see the function Near. Without a head every block is.
func (m *Peers[P]) Near(number uint64) bool {
	head, ok := m.tracker.Head()
	return !ok || Near(head.Number, number)
}

// Near reports whether a block is at a distance from the head at which gossip is listened to: 7 below to
// 32 above.
func Near(head, number uint64) bool {
	if number < head {
		return head-number <= maxBelow
	}
	return number-head <= maxAbove
}

// TakeLosses returns the losses since the last call.
func (m *Peers[P]) TakeLosses() Losses {
	l := m.losses
	m.losses = Losses{}
	return l
}
