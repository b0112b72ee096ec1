// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"net/netip"
	"slices"

	"github.com/ethpeer/ethpeer/enr"
)

// Sizes (devp2p/discv4.md#node-table): k, and what today's clients add to it.
const (
	bucketSize      = 16
	maxReplacements = 10
	numBuckets      = 17
	firstShared     = MaxDist - numBuckets + 1 // distances up to this one share the first bucket
)

// How many nodes, replacements included, may be of one network.
const (
	maxNetworkBucket = 2
	maxNetworkTable  = 10
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

func (b *bucket) count(network netip.Prefix) (n int) {
	for _, list := range [][]*entry{b.entries, b.replacements} {
		for _, e := range list {
			if e.network == network {
				n++
			}
		}
	}
	return n
}

// fits reports whether the bucket and the table have room for one more of the network.
func (t *Table) fits(b *bucket, network netip.Prefix) bool {
	return network == netip.Prefix{} ||
		t.networks[network] < maxNetworkTable && b.count(network) < maxNetworkBucket
}

func (t *Table) join(network netip.Prefix) {
	if (network != netip.Prefix{}) {
		t.networks[network]++
	}
}

func (t *Table) leave(network netip.Prefix) {
	if t.networks[network]--; t.networks[network] <= 0 {
		delete(t.networks, network) // also if it is exempt
	}
}

// without returns the list without an entry that it has once. It keeps the order.
func without(list []*entry, e *entry) []*entry {
	i := slices.Index(list, e)
	return slices.Delete(list, i, i+1)
}
