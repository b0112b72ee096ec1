// SPDX-License-Identifier: Apache-2.0

package dns

import (
	"time"

	"github.com/ethpeer/ethpeer/discover/dnstree"
	"github.com/ethpeer/ethpeer/internal/bounded"
)

// A treeSync is one pass over the nodes, or the links, of a list: each entry is read once,
// however often it is named.
type treeSync struct {
	top     dnstree.Hash
	began   time.Time
	missing []unread
	seen    bounded.Set[dnstree.Hash] // all that was ever missing
	leaves  int                       // that were found
	failed  int                       // entries that were left out, though another answer could be good
}

// A place is an entry still to read.
type unread struct {
	hash     dnstree.Hash
	failures int
}

func newTreeSync(now time.Time, top dnstree.Hash, limit int) *treeSync {
	t := &treeSync{top: top, began: now, seen: bounded.NewSet[dnstree.Hash](limit, bounded.DropNew)}
	t.add(top)
	return t
}

func (t *treeSync) done() bool { return len(t.missing) == 0 }

func (t *treeSync) add(h dnstree.Hash) {
	if t.seen.Add(h) {
		t.missing = append(t.missing, unread{hash: h})
	}
}

// onEntry says that the i-th missing place was read.
func (t *treeSync) onEntry(i int, e dnstree.Entry) {
	t.remove(i)
	branch, ok := e.(dnstree.Branch)
	if !ok {
		t.leaves++
	}
	for _, child := range branch {
		t.add(child)
	}
}

// onFailure says that the i-th missing place could not be read. It comes last then, or is
// left out.
func (t *treeSync) onFailure(i int, final bool) {
	p := t.missing[i]
	p.failures++
	t.remove(i)
	switch {
	case final:
	case p.failures == tries:
		t.failed++
	default:
		t.missing = append(t.missing, p)
	}
}

func (t *treeSync) remove(i int) {
	last := len(t.missing) - 1
	t.missing[i] = t.missing[last]
	t.missing = t.missing[:last]
}
