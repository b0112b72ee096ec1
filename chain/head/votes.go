// SPDX-License-Identifier: Apache-2.0

package head

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/ethpeer/ethpeer/types"
)

// votes is what all peers say together. Weights are in units of one dialled peer's.
type votes struct {
	total   int                    // of all peers that say anything
	support map[types.Hash]support // by block: the peers whose latest block is it, or leads to it within Depth
	weights []int                  // of all blocks in support, in ascending order
	groups  map[netip.Prefix]int   // of the inbound peers that say anything
	sources int                    // the groups, and the inbound peers without one

	candidates []*known // scratch of best
}

type support struct{ peers, weight int }

// unit is the weight of a peer that we dialled.
const unit = 1 << 16

func newVotes() votes {
	return votes{support: make(map[types.Hash]support), groups: make(map[netip.Prefix]int)}
}

// count fills votes. A peer whose latest block we don't hold supports only the one that it said
// before, but counts in the total: it may be on any branch.
func (t *Tracker[P]) count() {
	v := &t.votes
	clear(v.support)
	clear(v.groups)
	v.total, v.sources = 0, 0
	dialled := 0
	for _, p := range t.peers {
		switch {
		case !p.said():
		case p.Inbound && p.Group.IsValid():
			v.groups[p.Group]++
		case p.Inbound:
			v.sources++
		default:
			dialled++
		}
	}
	v.sources += len(v.groups)
	for _, p := range t.peers {
		if !p.said() {
			continue
		}
		weight := v.weigh(p, dialled)
		v.total += weight
		t.Recent.ancestors(p.known, Depth, func(k *known) bool {
			s := v.support[k.Hash]
			v.support[k.Hash] = support{s.peers + 1, s.weight + weight}
			return true
		})
	}
	v.weights = v.weights[:0]
	for _, s := range v.support {
		v.weights = append(v.weights, s.weight)
	}
	slices.Sort(v.weights)
}

// weigh returns a peer's weight beside a number of dialled peers. Inbound peers of one group weigh
// a unit together; all inbound peers weigh as much as the dialled ones at most, if there are any.
func (v *votes) weigh(p *peerHead, dialled int) int {
	if !p.Inbound {
		return unit
	}
	share := unit
	if p.Group.IsValid() {
		share /= v.groups[p.Group]
	}
	if dialled > 0 && v.sources > dialled {
		share = share * dialled / v.sources
	}
	return share
}

// best returns the best block that can be the head, or nil, after count.
func (t *Tracker[P]) best() *known {
	t.contested = types.Hash{}
	candidates := t.votes.candidates[:0]
	byTD := true
	need := min(t.quorum*unit, (t.votes.total+1)/2)
	for h, s := range t.votes.support {
		k, _ := t.Recent.known.Get(h)
		byTD = byTD && k.hasTD
		if s.weight >= need {
			candidates = append(candidates, k)
		}
	}
	t.votes.candidates = candidates
	slices.SortFunc(candidates, func(a, b *known) int { return t.compare(b, a, byTD) })
	for i := range candidates {
		if !t.outvoted(candidates[i].Hash) {
			return candidates[i]
		}
		if t.contested.IsZero() {
			t.contested = candidates[i].Hash
		}
	}
	return nil
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

// compare returns a positive number if a is better than b.
func (t *Tracker[P]) compare(a, b *known, byTD bool) int {
	if byTD {
		if c := a.td.Cmp(&b.td); c != 0 {
			return c
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
