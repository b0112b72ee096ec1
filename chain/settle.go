// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"cmp"
	"slices"

	"github.com/ethpeer/ethpeer/types"
)

// votes is what the claims of all peers say together.
type votes struct {
	peers   int                // that claim anything that says something
	support map[types.Hash]int // how many known claims are the block, or lead to it within Depth
	known   []uint64           // the numbers of these
	open    []claim            // those with a number that we don't know the block of
}

// count fills votes from the claims.
func (t *Tracker[P]) count() {
	v := &t.votes
	clear(v.support)
	v.peers, v.known, v.open = 0, v.known[:0], v.open[:0]
	for _, c := range t.claims {
		l, ok := t.Recent.Get(c.known)
		if ok {
			v.known = append(v.known, l.Number)
		}
		if c.number {
			v.open = append(v.open, c)
		}
		if ok || c.number {
			v.peers++
		}
		t.Recent.ancestors(c.known, Depth, func(k *known) bool {
			v.support[k.Hash]++
			return true
		})
	}
}

// attested returns how many peers claim the block or a later one. A later block that we
// don't know, or that is not within Depth, is taken at its number.
func (t *Tracker[P]) attested(l *Link) int {
	isFar := func(number uint64) bool { return number > l.Number && number-l.Number >= Depth }
	n := t.votes.support[l.Hash]
	for _, number := range t.votes.known {
		if isFar(number) {
			n++
		}
	}
	for _, c := range t.votes.open {
		k, ok := t.Recent.Get(c.known)
		counted := ok && (isFar(k.Number) || t.Recent.leads(l, c.known))
		if c.unknown.Number > l.Number && !counted {
			n++
		}
	}
	return n
}

// best returns the best block with enough support, after count.
func (t *Tracker[P]) best() (best known, ok bool) {
	candidates := make([]known, 0, len(t.votes.support))
	byTD := true
	for h := range t.votes.support {
		k, _ := t.Recent.known.Get(h)
		candidates = append(candidates, k)
		byTD = byTD && k.hasTD
	}
	slices.SortFunc(candidates, func(a, b known) int { return t.compare(&b, &a, byTD) })
	need := min(t.quorum, (t.votes.peers+1)/2)
	for i := range candidates {
		if t.attested(&candidates[i].Link) >= need {
			return candidates[i], true
		}
	}
	return known{}, false
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
