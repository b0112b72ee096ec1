// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"fmt"
	"maps"
	"slices"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// checkInvariants says what must hold of the table after every event.
func (t *Table) checkInvariants() error {
	ids := map[enr.ID]bool{t.self: true}
	networks := netgroup.Counts{}
	listed := 0
	for i := range t.buckets {
		b := &t.buckets[i]
		switch {
		case len(b.entries) > bucketSize || len(b.replacements) > maxReplacements:
			return fmt.Errorf("bucket %d has %d entries, %d replacements", i, len(b.entries), len(b.replacements))
		case len(b.replacements) > 0 && len(b.entries) < bucketSize:
			return fmt.Errorf("bucket %d has replacements and room", i)
		}
		inBucket := netgroup.Counts{}
		for _, e := range append(slices.Clone(b.entries), b.replacements...) {
			inBucket.Add(e.group)
			if err := t.checkEntry(b, e, networks); err != nil {
				return fmt.Errorf("bucket %d, %s: %w", i, e.ID.Short(), err)
			}
			if ids[e.ID] {
				return fmt.Errorf("%s is there twice, or is ourselves", e.ID.Short())
			}
			ids[e.ID] = true
		}
		listed += len(b.entries)
		if err := checkShares(inBucket, b.networks, 2, 4, len(t.rules.Restrict) > 0); err != nil {
			return fmt.Errorf("bucket %d: %w", i, err)
		}
	}
	if err := checkShares(networks, t.networks, 10, 10, len(t.rules.Restrict) > 0); err != nil || len(t.out) != 0 {
		return fmt.Errorf("%w; %d actions left", err, len(t.out))
	}
	if n := len(t.fast.entries) + len(t.slow.entries); n != listed {
		return fmt.Errorf("%d entries, %d to check", listed, n)
	}
	for _, s := range []*schedule{&t.fast, &t.slow} {
		if s.next.IsZero() != (len(s.entries) == 0) {
			return fmt.Errorf("%d entries are next checked at %v", len(s.entries), s.next)
		}
	}
	return nil
}

// checkShares holds counts of networks to what they should be, and to the stated shares.
func checkShares(is, counted netgroup.Counts, narrow, wide int, restricted bool) error {
	if !maps.Equal(is, counted) {
		return fmt.Errorf("networks have %v, counted are %v", is, counted)
	}
	for network, n := range is {
		most := narrow
		if bits := network.Bits(); bits == 16 || bits == 32 {
			if most = wide; restricted {
				continue
			}
		}
		if n > most {
			return fmt.Errorf("%d nodes of %v, want %d at most", n, network, most)
		}
	}
	return nil
}

func (t *Table) checkEntry(b *bucket, e *entry, networks netgroup.Counts) error {
	isEntry := slices.Contains(b.entries, e)
	addr, ok := e.Contact.Addr()
	network := netgroup.Of(addr.Addr())
	networks.Add(network)
	switch {
	case t.bucketOf(e.ID) != b:
		return fmt.Errorf("is in the wrong bucket")
	case !ok || addr != e.addr || network != e.group:
		return fmt.Errorf("address is %v in %v, noted as %v in %v", addr, network, e.addr, e.group)
	case !t.rules.allow(e.addr.Addr()):
		return fmt.Errorf("is outside of the networks we keep to: %v", e.addr)
	case isEntry != (e.list != nil):
		return fmt.Errorf("is an entry: %t; is checked: %t", isEntry, e.list != nil)
	case isEntry && e.Unverified != nil:
		return fmt.Errorf("is an entry, and its record was not verified")
	case isEntry && !slices.Contains(e.list.entries, e):
		return fmt.Errorf("is not on its list")
	case e.list == &t.slow && !e.live():
		return fmt.Errorf("is checked slowly, and not alive")
	case !isEntry && (e.checking || e.live()):
		return fmt.Errorf("is a replacement, and was checked")
	}
	return nil
}

// checkInvariants says what must hold of a lookup after every event.
func (l *Lookup) checkInvariants() error {
	switch {
	case len(l.asking) > concurrency:
		return fmt.Errorf("%d are being asked", len(l.asking))
	case l.asked > maxAsked || len(l.near) > maxNear || len(l.seen) > bucketSize*(maxAsked+1):
		return fmt.Errorf("%d asked, %d near, %d seen", l.asked, len(l.near), len(l.seen))
	case slices.Contains(l.asking, l.self):
		return fmt.Errorf("we are asking ourselves")
	case !slices.IsSortedFunc(l.near, func(a, b candidate) int { return Compare(l.target, a.ID, b.ID) }):
		return fmt.Errorf("near is not in order")
	}
	for i, c := range l.near {
		if c.answered && !c.asked {
			return fmt.Errorf("%s answered without being asked", c.ID.Short())
		}
		if i < bucketSize && !c.asked && len(l.asking) < concurrency && l.asked < maxAsked {
			return fmt.Errorf("%s could be asked", c.ID.Short())
		}
	}
	return nil
}
