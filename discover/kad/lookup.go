// SPDX-License-Identifier: Apache-2.0

// in: answers · out: nodes to ask next · owner: the caller

package kad

import (
	"slices"

	"github.com/ethpeer/ethpeer/enr"
)

const (
	concurrency = 3   // α (devp2p/discv4.md#recursive-lookup)
	maxAsked    = 128 // a lookup ends after so many: nodes could lead us on for ever
	maxNear     = 64  // candidates kept, in case that nearer ones are silent
)

// A Lookup finds the nodes nearest to a target (devp2p/discv4.md#recursive-lookup). It has no
// deadline: the caller must call OnReply or OnSilence once for each node that it says to ask.
type Lookup struct {
	self, target enr.ID

	near   []candidate         // nearest first; those that were silent are out
	seen   map[enr.ID]struct{} // all that ever were in near, or might have been
	asking []enr.ID
	asked  int // in all
}

type candidate struct {
	Contact
	asked, answered bool
}

// NewLookup begins a lookup with the nodes nearest to the target that we know, at most 16.
// It returns the nodes to ask first. Without any it is done at once. The own ID,
// self, is never asked.
func NewLookup(self, target enr.ID, start []Contact) (l *Lookup, ask []Contact) {
	l = &Lookup{self: self, target: target, seen: make(map[enr.ID]struct{})}
	l.learn(start)
	return l, l.next()
}

// OnReply takes the nodes, at most 16, of one answer; an answer may be empty. The caller has passed
// them through the table's OnNeighbors. It returns the nodes to ask next.
func (l *Lookup) OnReply(from enr.ID, found []Contact) (ask []Contact) {
	if !l.end(from) {
		return nil
	}
	if i := l.index(from); i >= 0 {
		l.near[i].answered = true
	}
	l.learn(found)
	return l.next()
}

// OnSilence takes the failure to get an answer. It returns the nodes to ask next.
func (l *Lookup) OnSilence(from enr.ID) (ask []Contact) {
	if !l.end(from) {
		return nil
	}
	if i := l.index(from); i >= 0 {
		l.near = slices.Delete(l.near, i, i+1)
	}
	return l.next()
}

// Done reports whether no request is pending.
func (l *Lookup) Done() bool { return len(l.asking) == 0 }

// Closest returns the nodes nearest to the target that answered, at most 16, nearest first.
func (l *Lookup) Closest() (closest []Contact) {
	for i := range l.near {
		if l.near[i].answered && len(closest) < bucketSize {
			closest = append(closest, l.near[i].Contact)
		}
	}
	return closest
}

// end reports whether the node was being asked, and is no longer.
func (l *Lookup) end(from enr.ID) bool {
	i := slices.Index(l.asking, from)
	if i < 0 {
		return false
	}
	l.asking = slices.Delete(l.asking, i, i+1)
	return true
}

func (l *Lookup) index(id enr.ID) int {
	return slices.IndexFunc(l.near, func(c candidate) bool { return c.ID == id })
}

func (l *Lookup) learn(found []Contact) {
	for _, c := range found[:min(len(found), bucketSize)] {
		if _, ok := l.seen[c.ID]; ok || c.ID == l.self {
			continue
		}
		l.seen[c.ID] = struct{}{}
		i, _ := slices.BinarySearchFunc(l.near, c.ID, func(have candidate, id enr.ID) int {
			return Compare(l.target, have.ID, id)
		})
		if i == maxNear {
			continue
		}
		if len(l.near) == maxNear {
			l.near = l.near[:maxNear-1]
		}
		l.near = slices.Insert(l.near, i, candidate{Contact: c})
	}
}

// next returns the nodes to ask now: those of the nearest 16 that were not asked yet
// (devp2p/discv4.md#recursive-lookup).
func (l *Lookup) next() (ask []Contact) {
	for i := range l.near[:min(len(l.near), bucketSize)] {
		if len(l.asking) == concurrency || l.asked == maxAsked {
			break
		}
		if c := &l.near[i]; !c.asked {
			c.asked = true
			l.asked++
			l.asking = append(l.asking, c.ID)
			ask = append(ask, c.Contact)
		}
	}
	return ask
}
