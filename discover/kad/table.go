// SPDX-License-Identifier: Apache-2.0

// in: nodes, results of checks · out: what to check, what changed · owner: the caller

package kad

import (
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// Kind says what an [Action] is.
type Kind uint8

// The kinds.
const (
	// Check: ask the contact whether it is alive. Then call OnAlive or OnDead.
	Check Kind = iota

	// Refresh: offer boot nodes and stored ones with OnHeard, look up our own ID and then three
	// random ones. Then call OnRefreshed.
	Refresh

	// Added: the contact is an entry now. Removed: it was one. Both only inform; no action is required.
	Added
	Removed

	// Store: the contact passed more than 5 checks, and is worth remembering for the next start.
	Store
)

// String names the kind.
func (k Kind) String() string {
	switch k {
	case Check:
		return "check"
	case Refresh:
		return "refresh"
	case Added:
		return "added"
	case Removed:
		return "removed"
	case Store:
		return "store"
	}
	return "unknown kind of action"
}

// An Action is what the table wants done, or tells.
type Action struct {
	Kind    Kind
	Contact Contact // zero for Refresh
}

// Config is what a [Table] needs.
type Config struct {
	Self  enr.ID
	Rules Rules

	// Choose returns a random number from 0 to n-1. A predictable one tells attackers which nodes
	// are checked next, and when.
	Choose func(n int) int
}

// A Table remembers nodes. Its On methods take what happened and return what to do now;
// the returned slices are the caller's.
type Table struct {
	self   enr.ID
	rules  Rules
	choose func(n int) int

	buckets  [numBuckets]bucket
	networks netgroup.Counts // of all nodes
	fast     schedule        // new, moved, and those that failed
	slow     schedule        // those that passed
	refresh  refresh

	out []Action // of the event that is being dealt with
}

// New returns an empty table. Its first refresh is due at once.
func New(now time.Time, c Config) *Table {
	t := &Table{
		self:     c.Self,
		rules:    c.Rules,
		choose:   c.Choose,
		networks: netgroup.Counts{},
		fast:     schedule{interval: fastInterval},
		slow:     schedule{interval: slowInterval},
		refresh:  refresh{due: now},
	}
	for i := range t.buckets {
		t.buckets[i].networks = netgroup.Counts{}
	}
	return t
}

// Deadline returns when OnTick is due. It is the zero time when nothing waits.
func (t *Table) Deadline() time.Time {
	return sooner(t.refresh.deadline(), sooner(t.fast.next, t.slow.next))
}

// sooner returns the earlier of two deadlines, of which the zero time is none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// OnTick does what is due.
func (t *Table) OnTick(now time.Time) []Action {
	if t.refresh.begin(now, t.Len() == 0) {
		t.say(Refresh, Contact{})
	}
	t.check(now, &t.fast)
	t.check(now, &t.slow)
	return t.take()
}

// OnHeard takes a node from a source that we chose: a boot node, a stored node, an entry of
// a DNS list. OnNeighbors takes nodes that other nodes relay.
func (t *Table) OnHeard(now time.Time, c Contact) []Action {
	t.offer(now, c, false)
	return t.take()
}

// OnProven takes a node that proved its endpoint (devp2p/discv4.md#endpoint-proof): it answered a
// ping there, completed a handshake, or sent its record. Until the first refresh has ended the
// table does not add such nodes, so that the first to connect do not get all slots.
func (t *Table) OnProven(now time.Time, c Contact) []Action {
	t.offer(now, c, true)
	return t.take()
}

// OnNeighbors takes the answer to FINDNODE, at most 16 nodes; empty if there was none. It offers
// the table the nodes that the sender may relay, and returns them. After 5 empty answers in a row
// an entry is removed, unless its bucket has few.
func (t *Table) OnNeighbors(now time.Time, from Contact, found []Contact) (good []Contact, actions []Action) {
	found = found[:min(len(found), bucketSize)]
	good = make([]Contact, 0, len(found))
	for _, c := range found {
		if c.ID != t.self && t.rules.Check(from.Node.IP, c.Node) == nil {
			good = append(good, c)
			t.offer(now, c, false)
		}
	}
	t.judge(now, from.ID, len(good) > 0)
	return good, t.take()
}

func (t *Table) say(k Kind, c Contact) { t.out = append(t.out, Action{k, c}) }

// take ends an event.
func (t *Table) take() []Action {
	out := t.out
	t.out = nil
	return out
}
