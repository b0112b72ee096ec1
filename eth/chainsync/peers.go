// SPDX-License-Identifier: Apache-2.0

// in: sessions and what they say that they have · out: which of them can be asked for what · owner: the loop

package chainsync

import (
	"slices"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/types"
)

// How peers are used.
const (
	grace      = 3 * time.Second // after its Status a peer is not asked, unless it states a block beyond our head
	rangeSlack = 64              // blocks above its announced range that a peer is asked for: the announcement may be old
	maxLacking = 4096            // blocks that a peer is remembered to lack, of each kind
	busyFor    = time.Second     // before a peer that cannot take a request is asked again
	maxStrays  = 3               // header ranges that fit nowhere before the peer is let go
)

// An info is what does not change about a peer.
type info struct {
	hasRequestIDs bool // eth/66 and later (EIP-2481)
	hasRange      bool // eth/69 and later: it tells the range of its blocks (EIP-7642)
	hasParts      bool // eth/70 and later: it gives receipts in parts (EIP-7975)
	hasLists      bool // eth/71 and later (EIP-8159)
}

// maxHeaders returns how many headers the peer gives at once.
func (i info) maxHeaders() int {
	if i.hasRequestIDs {
		return maxItems[headers]
	}
	return 192
}

// A peerHead is what a peer says that it has. Nothing of it is proved.
type peerHead struct {
	hash     types.Hash
	number   uint64
	numbered bool
	td       uint256.Int // zero: not told
	earliest uint64      // the first block with body and receipts
	held     bool        // we hold the block hash
}

// A peer is what the machine knows of one session. P names the session.
type peer[P comparable] struct {
	key P
	info
	rate
	head   peerHead
	since  time.Time // when it began to state more than we have; zero: it does not
	joined time.Time
	asked  [works]*ask[P]
	ready  [works]time.Time // not to be asked before
	lacks  [works]bounded.Set[types.Hash]
	strays int  // header ranges that fit nowhere
	liar   bool // its total difficulty is not what it says
	gone   bool
}

// idle reports whether the peer can be asked now.
func (p *peer[P]) idle(now time.Time, w work) bool {
	return !p.gone && p.asked[w] == nil && !now.Before(p.ready[w]) && p.usable(now)
}

// usable reports whether the peer's grace is over, or it states more than we have.
func (p *peer[P]) usable(now time.Time) bool {
	return !p.since.IsZero() || !now.Before(p.joined.Add(grace))
}

// has reports whether the peer may have what belongs to the block, by what it says of its range (EIP-7642) and by what it lacked.
func (p *peer[P]) has(w work, number uint64, h types.Hash) bool {
	switch {
	case w == accessLists && !p.hasLists:
		return false
	case p.hasRange && (number < p.head.earliest || number > p.head.number && number-p.head.number > rangeSlack):
		return false
	}
	return !p.lacks[w].Has(h)
}

// A roster is all peers, in the order in which they joined.
type roster[P comparable] struct {
	all   []*peer[P]
	byKey map[P]*peer[P]
	pace  pace
}

func newRoster[P comparable]() *roster[P] {
	return &roster[P]{byKey: make(map[P]*peer[P]), pace: newPace()}
}

func (r *roster[P]) join(now time.Time, key P, i info) *peer[P] {
	p := &peer[P]{key: key, info: i, joined: now, rate: inherit(r.rates())}
	for w := range p.lacks {
		p.lacks[w] = bounded.NewSet[types.Hash](maxLacking, bounded.DropOldest)
	}
	r.all = append(r.all, p)
	r.byKey[key] = p
	r.pace.joined(len(r.all))
	return p
}

func (r *roster[P]) leave(key P) *peer[P] {
	p := r.byKey[key]
	if p == nil {
		return nil
	}
	p.gone = true
	delete(r.byKey, key)
	r.all = slices.DeleteFunc(r.all, func(o *peer[P]) bool { return o == p })
	return p
}

func (r *roster[P]) rates() []*rate {
	all := make([]*rate, len(r.all))
	for i, p := range r.all {
		all[i] = &p.rate
	}
	return all
}

// idle returns the peers that can be asked now, the one with the most throughput first.
func (r *roster[P]) idle(now time.Time, w work) (all []*peer[P]) {
	for _, p := range r.all {
		if p.idle(now, w) {
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b *peer[P]) int {
		switch {
		case a.throughput[w] > b.throughput[w]:
			return -1
		case a.throughput[w] < b.throughput[w]:
			return 1
		}
		return 0
	})
	return all
}

// nextReady returns when a peer that cannot be asked now can be asked by the clock alone.
func (r *roster[P]) nextReady(now time.Time, w work) (next time.Time) {
	for _, p := range r.all {
		at := p.ready[w]
		if p.since.IsZero() && at.Before(p.joined.Add(grace)) {
			at = p.joined.Add(grace)
		}
		if p.asked[w] == nil && now.Before(at) {
			next = sooner(next, at)
		}
	}
	return next
}

// sooner returns the earlier of two times, of which a zero one does not count.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
