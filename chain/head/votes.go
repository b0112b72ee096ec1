// SPDX-License-Identifier: Apache-2.0

package head

import (
	"cmp"
	"math"
	"net/netip"
	"slices"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/types"
)

// votes is what all peers say together.
//
// A block has the support of the peers whose latest held block is it or leads to it within Depth.
// It needs half of the weight of the peers that say anything comparable. If the block shares a held
// ancestor with the head, a peer whose latest block is more than Depth below is not comparable: it
// is behind. Otherwise the block is a jump, and all peers count that say anything. A peer whose
// latest block is not held counts by the number that it said.
type votes struct {
	total   int                    // the weight of all peers that say anything
	support map[types.Hash]support // by block
	weights []int                  // of all blocks in support, in ascending order
	heights []height               // of the peers that say anything, in descending order, with the weight down to there
	groups  map[netip.Prefix]int   // of the inbound peers that say anything
	sources int                    // the groups, and the inbound peers without one

	candidates []*known              // scratch of best
	networks   map[netip.Prefix]bool // scratch of unrelated
}

type support struct{ peers, weight int }

type height struct {
	number uint64
	weight int
}

// Weights. All inbound peers together weigh less than the dialled peers, so that they do not have
// half of the weight.
const (
	unit    = 1 << 16 // an inbound peer that is alone in its network
	dialled = unit + 1
)

func newVotes() votes {
	return votes{support: make(map[types.Hash]support), groups: make(map[netip.Prefix]int), networks: make(map[netip.Prefix]bool)}
}

// count fills votes. A peer whose latest block is not held supports only the one that it said
// before: it may be on any branch.
func (t *Tracker[P]) count() {
	v := &t.votes
	clear(v.support)
	clear(v.groups)
	v.total, v.sources, v.heights = 0, 0, v.heights[:0]
	ours := 0
	for _, p := range t.peers {
		switch {
		case !p.said():
		case p.Inbound && p.Group.IsValid():
			v.groups[p.Group]++
		case p.Inbound:
			v.sources++
		default:
			ours++
		}
	}
	v.sources += len(v.groups)
	for _, p := range t.peers {
		if !p.said() {
			continue
		}
		weight := v.weigh(p, ours)
		v.total += weight
		v.heights = append(v.heights, height{t.heightOf(p), weight})
		t.Recent.ancestors(p.known, Depth, func(k *known) bool {
			s := v.support[k.Hash]
			v.support[k.Hash] = support{s.peers + 1, s.weight + weight}
			return true
		})
	}
	slices.SortFunc(v.heights, func(a, b height) int { return cmp.Compare(b.number, a.number) })
	for i := 1; i < len(v.heights); i++ {
		v.heights[i].weight += v.heights[i-1].weight
	}
	v.weights = v.weights[:0]
	for _, s := range v.support {
		v.weights = append(v.weights, s.weight)
	}
	slices.Sort(v.weights)
}

// unrelated returns how many peers of different networks support a block. Peers of one network may be one operator's,
// whichever side dialled.
func (t *Tracker[P]) unrelated(block *chain.Link) (n int) {
	v := &t.votes
	clear(v.networks)
	for _, p := range t.peers {
		k, ok := t.Recent.known.Get(p.known)
		if !ok || !t.Recent.leads(block, &k.Link) {
			continue
		}
		if !p.Group.IsValid() {
			n++
		} else if !v.networks[p.Group] {
			v.networks[p.Group] = true
			n++
		}
	}
	return n
}

// heightOf returns the number of the peer's latest block: the highest if only its hash was said.
func (t *Tracker[P]) heightOf(p *peerHead) (number uint64) {
	if k, ok := t.Recent.known.Get(p.known); ok {
		number = k.Number
	}
	switch {
	case p.unknown == chain.Ref{}:
		return number
	case p.number:
		return max(number, p.unknown.Number)
	}
	return math.MaxUint64
}

// weigh returns a peer's weight beside a number of dialled peers. Inbound peers of one group weigh
// a unit together; all inbound peers together weigh less than the dialled ones, if there are any.
func (v *votes) weigh(p *peerHead, ours int) int {
	if !p.Inbound {
		return dialled
	}
	share := unit
	if p.Group.IsValid() {
		share /= v.groups[p.Group]
	}
	if ours > 0 && v.sources > ours {
		share = share * ours / v.sources
	}
	return share
}

// comparable returns the weight of the peers whose latest block is not far below a number.
func (v *votes) comparable(number uint64) int {
	from := number - min(number, Depth)
	n, _ := slices.BinarySearchFunc(v.heights, from, func(h height, from uint64) int {
		if h.number >= from {
			return -1
		}
		return 1
	})
	if n == 0 {
		return 0
	}
	return v.heights[n-1].weight
}

// best returns the best block that can be the head, or nil, after count.
func (t *Tracker[P]) best() *known {
	v := &t.votes
	t.contested = types.Hash{}
	t.Recent.markBranch(t.head.Hash)
	var head, rival *known
	if t.has {
		head, _ = t.Recent.known.Get(t.head.Hash)
	}
	candidates := v.candidates[:0]
	for h, s := range v.support {
		k, _ := t.Recent.known.Get(h)
		if 2*s.weight >= v.comparable(k.Number) {
			candidates = append(candidates, k)
		} else if rival == nil || t.compare(k, rival, head) > 0 {
			rival = k
		}
	}
	v.candidates = candidates
	slices.SortFunc(candidates, func(a, b *known) int { return t.compare(b, a, head) })
	var best *known
	for _, k := range candidates {
		if t.canBeHead(k) {
			best = k
			break
		}
		if rival == nil || t.compare(k, rival, head) > 0 {
			rival = k
		}
	}
	if rival != nil && (best == nil || t.compare(rival, best, head) > 0) && (head == nil || t.compare(rival, head, head) > 0) {
		t.contested = rival.Hash
	}
	return best
}

// canBeHead reports whether a block that has the support of half of the comparable peers can be the
// head: a jump needs the support of half of all, and no block of another branch may have more.
func (t *Tracker[P]) canBeHead(k *known) bool {
	half := 2*t.votes.support[k.Hash].weight >= t.votes.total
	return (half || t.has && t.Recent.onBranch(k.Hash)) && !t.outvoted(k.Hash)
}

// outvoted reports whether a block of another branch has more support. Blocks with more support
// on the same branch can only be ancestors.
func (t *Tracker[P]) outvoted(h types.Hash) bool {
	v := &t.votes
	weight := v.support[h].weight
	above, _ := slices.BinarySearch(v.weights, weight+1)
	more := len(v.weights) - above
	t.Recent.ancestors(h, Depth, func(k *known) bool {
		if v.support[k.Hash].weight > weight {
			more--
		}
		return more > 0
	})
	return more > 0
}

// compare returns a positive number if a is better than b. Blocks of the present head's lineage come
// first. Only among them the total difficulty counts.
func (t *Tracker[P]) compare(a, b, head *known) int {
	if head != nil {
		present, _ := head.total()
		aFrom, aTD := a.total()
		bFrom, bTD := b.total()
		switch {
		case aFrom == present && bFrom != present:
			return 1
		case aFrom != present && bFrom == present:
			return -1
		case aFrom == present && aTD != bTD:
			return aTD.Cmp(&bTD)
		}
	}
	if c := cmp.Compare(a.Number, b.Number); c != 0 {
		return c
	}
	switch t.head.Hash {
	case a.Hash:
		return 1
	case b.Hash:
		return -1
	}
	return cmp.Compare(b.order, a.order)
}
