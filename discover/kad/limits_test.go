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

// TestSharesOfANetwork: with any number of addresses and identities a network gets a bounded part of the
// table. An IPv4 /24 or IPv6 /64 or /56 gets 2 slots of a bucket and 10 of the table, an IPv4 /16 or IPv6 /48
// or /32 gets 4 and 10.
func TestSharesOfANetwork(t *testing.T) {
	for name, test := range map[string]struct {
		at       func(i, j byte) netip.Addr
		inBucket int
	}{
		"IPv4 /24": {func(i, j byte) netip.Addr { return netip.AddrFrom4([4]byte{66, 6, 6, i<<4 | j}) }, 2},
		"IPv4 /16": {func(i, j byte) netip.Addr { return netip.AddrFrom4([4]byte{66, 6, j, i}) }, 4},
		"IPv6 /64": {func(i, j byte) netip.Addr { return netip.AddrFrom16([16]byte{0x2a, 66, 14: i, 15: j}) }, 2},
		"IPv6 /56": {func(i, j byte) netip.Addr { return netip.AddrFrom16([16]byte{0x2a, 66, 7: i, 8: j, 15: 1}) }, 2},
		"IPv6 /48": {func(i, j byte) netip.Addr { return netip.AddrFrom16([16]byte{0x2a, 66, 6: j, 7: i, 15: 1}) }, 4},
		"IPv6 /32": {func(i, j byte) netip.Addr { return netip.AddrFrom16([16]byte{0x2a, 66, 4: i, 5: j, 15: 1}) }, 4},
	} {
		table := New(epoch, Config{Choose: func(int) int { return 0 }})
		table.OnTick(epoch)
		table.OnRefreshed(epoch)
		for dist := 256; dist > 240; dist-- {
			inBucket := 0
			for n := range 16 {
				c := contactAt(dist, n)
				c.Node.IP, c.Node.UDP = test.at(byte(256-dist), byte(n)), 30303
				before := table.Len()
				switch n % 3 { // as a seed, from another node, and on its own
				case 0:
					table.OnHeard(epoch, c)
				case 1:
					table.OnNeighbors(epoch, Contact{Node: enr.Node{IP: netip.MustParseAddr("80.1.1.1")}}, []Contact{c})
				default:
					table.OnProven(epoch, c)
				}
				inBucket += table.Len() - before
			}
			if want := min(test.inBucket, max(0, 10-test.inBucket*(256-dist))); inBucket != want {
				t.Errorf("%s: %d slots of bucket %d, want %d", name, inBucket, dist, want)
			}
		}
		if n := table.Len(); n != 10 {
			t.Errorf("%s: %d slots of the table, want 10", name, n)
		}
		other := contactAt(256, 99)
		other.Node.IP, other.Node.UDP = netip.MustParseAddr("80.1.1.1"), 30303
		if table.OnHeard(epoch, other); table.Len() != 11 {
			t.Errorf("%s: no slot for another network", name)
		}
		if err := table.checkInvariants(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAllEnds: a loop over the entries ends where its caller ends it.
func TestAllEnds(t *testing.T) {
	table := New(epoch, Config{Choose: func(int) int { return 0 }})
	for n := range 10 {
		table.OnHeard(epoch, contactAt(256, n))
	}
	seen := 0
	for range table.All() {
		if seen++; seen == 3 {
			break
		}
	}
	if seen != 3 {
		t.Errorf("%d entries after a break at the third", seen)
	}
}
