// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// offer gives a node a slot, or changes what we know of it.
func (t *Table) offer(now time.Time, c Contact, direct bool) {
	addr, ok := c.Addr()
	ip := addr.Addr()
	if !ok || c.ID == t.self || !usable(ip) || !t.rules.allow(ip) {
		return
	}
	b := t.bucketOf(c.ID)
	if e := b.find(c.ID); e != nil {
		if e.yieldsTo(&c, addr, direct) && (e.list == nil || c.verify()) {
			t.change(now, b, e, c)
		}
		return
	}
	in := netgroup.Of(ip)
	if direct && !t.refresh.ended || !t.fits(b, in) || len(b.entries) < bucketSize && !c.verify() {
		return
	}
	e := new(entry)
	e.settle(c)
	t.join(b, in)
	t.fillSlot(now, b, e)
}

// fillSlot makes a counted node an entry, or a replacement if the bucket is full; the oldest
// replacement is dropped (devp2p/discv4.md#kademlia-table).
func (t *Table) fillSlot(now time.Time, b *bucket, e *entry) {
	if len(b.entries) < bucketSize {
		t.enter(now, b, e)
		return
	}
	if len(b.replacements) == maxReplacements {
		t.leave(b, b.replacements[0].group)
		b.replacements = without(b.replacements, b.replacements[0])
	}
	b.replacements = append(b.replacements, e)
}

func (t *Table) enter(now time.Time, b *bucket, e *entry) {
	b.entries = append(b.entries, e)
	t.list(now, e, &t.fast)
	t.say(Added, e.Contact)
}

// change updates a node. A node that has moved is alive only after it answers at its new endpoint.
func (t *Table) change(now time.Time, b *bucket, e *entry, c Contact) {
	before := e.addr
	addr, _ := c.Addr()
	if in := netgroup.Of(addr.Addr()); in != e.group {
		t.leave(b, e.group) // it does not stand in its own way
		if !t.fits(b, in) {
			t.join(b, e.group)
			return
		}
		t.join(b, in)
	}
	e.settle(c)
	if e.addr != before {
		e.checks, e.failures = 0, 0
		if e.list != nil {
			t.list(now, e, &t.fast)
		}
	}
}

// remove takes an entry out. A random replacement with a valid record takes
// its slot (devp2p/discv4.md#kademlia-table).
func (t *Table) remove(now time.Time, b *bucket, e *entry) {
	b.entries = without(b.entries, e)
	t.unlist(e)
	t.leave(b, e.group)
	t.say(Removed, e.Contact)
	for len(b.replacements) > 0 {
		next := b.replacements[t.choose(len(b.replacements))]
		b.replacements = without(b.replacements, next)
		if next.verify() {
			t.enter(now, b, next)
			return
		}
		t.leave(b, next.group)
	}
	t.whenEmpty(now)
}

// A node is removed after this many empty answers in a row, if its bucket has this many entries.
const (
	maxFailures   = 5
	enoughEntries = bucketSize / 2
)

// judge counts a node's empty answers to FINDNODE.
func (t *Table) judge(now time.Time, id enr.ID, helped bool) {
	b := t.bucketOf(id)
	e := b.find(id)
	switch {
	case e == nil:
	case helped:
		e.failures = 0
	default:
		e.failures++
		if e.failures >= maxFailures && e.list != nil && len(b.entries) >= enoughEntries {
			t.remove(now, b, e)
		}
	}
}
