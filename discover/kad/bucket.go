// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"net/netip"
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

// How many nodes, replacements included, may be of one network: of a narrow one, an IPv4 /24
// or IPv6 /64, as today's clients have it; and of a wide one, a /16 or /32, so that its
// owner cannot fill the table with any number of identities. Rules.Restrict lifts the limits
// for wide networks.
const (
	maxNarrowBucket = 2
	maxNarrowTable  = 10
	maxWideBucket   = 4
	maxWideTable    = 10
)

// A bucket holds nodes of one distance. It has replacements only while it is full.
type bucket struct {
	entries      []*entry
	replacements []*entry // in the order in which they came
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

// count returns how many nodes of the bucket are of the networks.
func (b *bucket) count(g netgroup.Group) (narrow, wide int) {
	for _, list := range [][]*entry{b.entries, b.replacements} {
		for _, e := range list {
			if e.group.Narrow == g.Narrow {
				narrow++
			}
			if e.group.Wide == g.Wide {
				wide++
			}
		}
	}
	return narrow, wide
}

// fits reports whether the bucket and the table have room for one more of the networks.
func (t *Table) fits(b *bucket, g netgroup.Group) bool {
	if g.IsZero() {
		return true
	}
	narrow, wide := b.count(g)
	if narrow >= maxNarrowBucket || t.networks[g.Narrow] >= maxNarrowTable {
		return false
	}
	return len(t.rules.Restrict) > 0 || wide < maxWideBucket && t.networks[g.Wide] < maxWideTable
}

func (t *Table) join(g netgroup.Group) {
	if !g.IsZero() {
		t.networks[g.Narrow]++
		t.networks[g.Wide]++
	}
}

func (t *Table) leave(g netgroup.Group) {
	for _, network := range []netip.Prefix{g.Narrow, g.Wide} {
		if t.networks[network]--; t.networks[network] <= 0 {
			delete(t.networks, network) // also if it is exempt
		}
	}
}

// without returns the list without an entry that it has once. It keeps the order.
func without(list []*entry, e *entry) []*entry {
	i := slices.Index(list, e)
	return slices.Delete(list, i, i+1)
}
