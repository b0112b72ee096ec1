// SPDX-License-Identifier: Apache-2.0

package chain

import "github.com/ethpeer/ethpeer/types"

// votes is what the claims of all peers say together.
type votes struct {
	peers   int                // that claim anything that says something
	support map[types.Hash]int // claims that are the block, or lead to it within Depth
	known   []uint64           // numbers of the claimed blocks that we know
	unknown []uint64           // claimed numbers of those that we don't
}

// count fills votes from the claims.
func (t *Tracker[P]) count() {
	v := &t.votes
	clear(v.support)
	v.known, v.unknown = v.known[:0], v.unknown[:0]
	for _, c := range t.claims {
		switch k, ok := t.Recent.Get(c.Hash); {
		case ok:
			v.known = append(v.known, k.Number)
		case c.numbered:
			v.unknown = append(v.unknown, c.Number)
		}
		t.Recent.ancestors(c.Hash, Depth, func(k *known) bool {
			v.support[k.Hash]++
			return true
		})
	}
	v.peers = len(v.known) + len(v.unknown)
}

// attested returns how many peers claim the block or a later one. A later block that we
// don't know, or that is not within Depth, is taken at its number.
func (v *votes) attested(l *Link) int {
	n := v.support[l.Hash]
	for _, number := range v.known {
		if number > l.Number && number-l.Number >= Depth {
			n++
		}
	}
	for _, number := range v.unknown {
		if number > l.Number {
			n++
		}
	}
	return n
}

// best returns the best block with enough support, after count.
func (t *Tracker[P]) best() (best known, ok bool) {
	need := min(t.quorum, (t.votes.peers+1)/2)
	var enough []known
	byTD := true
	for h := range t.votes.support {
		if k, _ := t.Recent.known.Get(h); t.votes.attested(&k.Link) >= need {
			enough = append(enough, k)
			byTD = byTD && k.hasTD
		}
	}
	for i := range enough {
		if k := &enough[i]; !ok || t.better(k, &best, byTD) {
			best, ok = *k, true
		}
	}
	return best, ok
}

func (t *Tracker[P]) better(a, b *known, byTD bool) bool {
	if byTD {
		if c := a.td.Cmp(&b.td); c != 0 {
			return c > 0
		}
	}
	switch {
	case a.Number != b.Number:
		return a.Number > b.Number
	case (a.Hash == t.head.Hash) != (b.Hash == t.head.Hash):
		return a.Hash == t.head.Hash
	}
	return a.order < b.order
}
