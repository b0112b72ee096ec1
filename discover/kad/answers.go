// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"iter"
	"net/netip"
	"slices"

	"github.com/ethpeer/ethpeer/enr"
)

// Len returns how many entries the table has.
func (t *Table) Len() (n int) {
	for i := range t.buckets {
		n += len(t.buckets[i].entries)
	}
	return n
}

// Get returns what the table knows of a node that is an entry.
func (t *Table) Get(id enr.ID) (Contact, bool) {
	if e := t.bucketOf(id).find(id); e != nil && e.list != nil {
		return e.Contact, true
	}
	return Contact{}, false
}

// All yields the entries with how many checks they passed, less what failures took; one
// with 0 is not known to be alive. The table must not change meanwhile.
func (t *Table) All() iter.Seq2[Contact, int] {
	return func(yield func(Contact, int) bool) {
		for e := range t.entries() {
			if !yield(e.Contact, e.checks) {
				return
			}
		}
	}
}

func (t *Table) entries() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for i := range t.buckets {
			for _, e := range t.buckets[i].entries {
				if !yield(e) {
					return
				}
			}
		}
	}
}

// Closest returns the 16 entries nearest to the target, nearest first, alive or not: where a
// lookup begins.
func (t *Table) Closest(target enr.ID) []Contact {
	n := nearest{target: target}
	for e := range t.entries() {
		n.add(e)
	}
	return n.contacts()
}

// Answer returns the nodes to relay to a host that asks for nodes near the target (devp2p/discv4.md#findnode-packet-0x03): the 16 nearest
// that it may be told of, nearest first. If any entry is alive, only those that are.
func (t *Table) Answer(host netip.Addr, target enr.ID) []Contact {
	n, live := nearest{target: target}, nearest{target: target}
	anyLive, scope := false, scopeOf(host)
	for e := range t.entries() {
		anyLive = anyLive || e.live()
		switch {
		case e.scope > scope:
		case e.live():
			live.add(e)
		case !anyLive:
			n.add(e)
		}
	}
	if anyLive {
		return live.contacts()
	}
	return n.contacts()
}

// AnswerAt returns the nodes to relay to a host that asks for nodes at logarithmic distances from
// us, as those of discovery v5 do: up to 16 entries that are alive and that it may be told
// of, one of each distance in turn, in the order of the distances. Our own node, at distance 0,
// is not among them (devp2p/discv5/discv5-wire.md#findnode-request-0x03).
func (t *Table) AnswerAt(host netip.Addr, dists []uint) (answer []Contact) {
	scope := scopeOf(host)
	var found [][]Contact // by distance
	for i, d := range dists {
		if d == 0 || d > MaxDist || slices.Contains(dists[:i], d) {
			continue
		}
		var at []Contact
		for _, e := range t.bucketAt(int(d)).entries {
			if e.live() && LogDist(t.self, e.ID) == int(d) && e.scope <= scope {
				at = append(at, e.Contact)
			}
		}
		found = append(found, at)
	}
	for turn := range bucketSize {
		for _, at := range found {
			if turn < len(at) && len(answer) < bucketSize {
				answer = append(answer, at[turn])
			}
		}
	}
	return answer
}

// nearest collects the entries nearest to a target.
type nearest struct {
	target enr.ID
	list   [bucketSize]*entry // nearest first
	n      int
}

func (n *nearest) add(e *entry) {
	i := n.n
	for i > 0 && Compare(n.target, e.ID, n.list[i-1].ID) < 0 {
		i--
	}
	if i == bucketSize {
		return
	}
	n.n = min(n.n+1, bucketSize)
	copy(n.list[i+1:n.n], n.list[i:])
	n.list[i] = e
}

func (n *nearest) contacts() []Contact {
	contacts := make([]Contact, n.n)
	for i, e := range n.list[:n.n] {
		contacts[i] = e.Contact
	}
	return contacts
}
