// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"slices"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// Sizes (devp2p/discv4.md#kademlia-table): k, and what today's clients add to it.
const (
	bucketSize      = 16
	maxReplacements = 10
	numBuckets      = 17
	firstShared     = MaxDist - numBuckets + 1 // distances up to this one share the first bucket
)

// How many nodes, replacements included, may be of one network: of a narrow one, an IPv4 /24 or IPv6 /64 (as today's clients have
// it) or IPv6 /56, and of a wide one, an IPv4 /16 or IPv6 /32, so that its owner cannot fill the table with any number of
// identities. Rules.Restrict lifts the limits for wide networks.
const (
	maxNarrowBucket = 2
	maxNarrowTable  = 10
	maxWideBucket   = 4
	maxWideTable    = 10
)

// A bucket holds nodes of one distance. It has replacements only while it is full.
type bucket struct {
	entries      []*entry
	replacements []*entry        // in the order in which they came
	networks     netgroup.Counts // of both
}

func (t *Table) bucketOf(id enr.ID) *bucket { return t.bucketAt(LogDist(t.self, id)) }

func (t *Table) bucketAt(dist int) *bucket { return &t.buckets[max(0, dist-firstShared)] }

// find returns the entry or replacement with the ID, or nil.
func (b *bucket) find(id enr.ID) *entry {
	for _, list := range [][]*entry{b.entries, b.replacements} {
		for _, e := range list {
			if e.ID == id {
				return e
			}
		}
	}
	return nil
}

// fits reports whether the bucket and the table have room for one more of the networks.
func (t *Table) fits(b *bucket, g netgroup.Group) bool {
	inBucket := netgroup.Share{Narrow: maxNarrowBucket, Wide: maxWideBucket}
	inTable := netgroup.Share{Narrow: maxNarrowTable, Wide: maxWideTable}
	if len(t.rules.Restrict) > 0 {
		inBucket.Wide, inTable.Wide = 0, 0
	}
	return !b.networks.Full(g, inBucket) && !t.networks.Full(g, inTable)
}

// join counts a node of a bucket in its networks.
func (t *Table) join(b *bucket, g netgroup.Group) {
	b.networks.Add(g)
	t.networks.Add(g)
}

// leave undoes join.
func (t *Table) leave(b *bucket, g netgroup.Group) {
	b.networks.Remove(g)
	t.networks.Remove(g)
}

// without returns the list without an entry that it has once. It keeps the order.
func without(list []*entry, e *entry) []*entry {
	i := slices.Index(list, e)
	return slices.Delete(list, i, i+1)
}
