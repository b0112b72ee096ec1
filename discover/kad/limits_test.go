// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"net/netip"
	"testing"

	"github.com/ethpeer/ethpeer/enr"
)

// TestGetKnowsOnlyEntries checks that a replacement is not returned.
func TestGetKnowsOnlyEntries(t *testing.T) {
	table := New(epoch, Config{Choose: func(int) int { return 0 }})
	for n := range bucketSize + 1 {
		table.OnHeard(epoch, contactAt(256, n))
	}
	for n, want := range map[int]bool{0: true, bucketSize - 1: true, bucketSize: false} {
		if _, ok := table.Get(contactAt(256, n).ID); ok != want {
			t.Errorf("node %d is an entry: %v, want %v", n, ok, want)
		}
	}
}

// TestAddrHasOneForm checks that an IPv4 address in IPv6 form and one with a zone are no move.
func TestAddrHasOneForm(t *testing.T) {
	for form, want := range map[string]string{"::ffff:34.1.1.1": "34.1.1.1", "fe80::1%eth0": "fe80::1"} {
		c := Contact{Node: enr.Node{IP: netip.MustParseAddr(form), UDP: 30303}}
		if addr, ok := c.Addr(); !ok || addr.Addr() != netip.MustParseAddr(want) {
			t.Errorf("%s: %v, %v", form, addr, ok)
		}
	}
}

// TestSameSequenceNumber checks that a record as new as the known one counts only from the node itself.
func TestSameSequenceNumber(t *testing.T) {
	e := &entry{Contact: contactsOf(t, []string{"256.1#5"})[0]}
	addr, _ := e.Contact.Addr()
	for _, test := range []struct {
		seq    string
		direct bool
		want   bool
	}{
		{"4", true, false}, {"4", false, false}, {"5", true, true}, {"5", false, false}, {"6", true, true}, {"6", false, true},
	} {
		c := contactsOf(t, []string{"256.1#" + test.seq})[0]
		if got := e.yieldsTo(&c, addr, test.direct); got != test.want {
			t.Errorf("record %s, direct %v: %v", test.seq, test.direct, got)
		}
	}
}

// TestClosestIsBounded checks that a lookup returns 16 of more nodes that answered.
func TestClosestIsBounded(t *testing.T) {
	var start []Contact
	for n := range bucketSize {
		start = append(start, contactAt(200, n))
	}
	nearer := 0
	l, queue := NewLookup(enr.ID{1}, enr.ID{}, start)
	for ; len(queue) > 0; queue = queue[1:] {
		var found []Contact
		if l.asked >= bucketSize && nearer < 10 {
			found = append(found, contactAt(100, nearer))
			nearer++
		}
		queue = append(queue, l.OnReply(queue[0].ID, found)...)
	}
	if got := len(l.Closest()); got != bucketSize || l.asked <= bucketSize {
		t.Errorf("%d are closest of %d that answered", got, l.asked)
	}
}
