// SPDX-License-Identifier: Apache-2.0

package bounded

import (
	"net/netip"
	"testing"
)

func TestDatagrams(t *testing.T) {
	d := NewDatagrams(2, 4)
	from := netip.MustParseAddrPort("127.0.0.1:1")
	for _, s := range []string{"a", "bcdef", "lost", "lost"} {
		d.Put(from, []byte(s))
	}
	if n := d.TakeDropped(); n != 2 || d.TakeDropped() != 0 {
		t.Errorf("%d dropped", n)
	}
	for _, want := range []string{"a", "bcde"} {
		one := <-d.Waiting()
		if string(one.Data) != want || one.From != from {
			t.Errorf("%q from %v, want %q", one.Data, one.From, want)
		}
		d.Free(one)
	}
	d.Put(from, []byte("g"))
	if one := <-d.Waiting(); string(one.Data) != "g" {
		t.Errorf("%q", one.Data)
	}
	if n := testing.AllocsPerRun(100, func() {
		d.Put(from, []byte("h"))
		d.Free(<-d.Waiting())
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestDatagramsOfOneNetwork: a flood from one network, with any addresses and ports, leaves room for
// datagrams of others.
func TestDatagramsOfOneNetwork(t *testing.T) {
	const count = 64
	for name, test := range map[string]struct {
		at   func(i int) netip.Addr
		want int
	}{
		"an address":      {func(int) netip.Addr { return netip.AddrFrom4([4]byte{34, 1, 1, 1}) }, count/idlePart + count/narrowPart},
		"an IPv4 /24":     {func(i int) netip.Addr { return netip.AddrFrom4([4]byte{34, 1, 1, byte(i)}) }, count/idlePart + count/narrowPart},
		"an IPv4 /16":     {func(i int) netip.Addr { return netip.AddrFrom4([4]byte{34, 1, byte(i), 1}) }, count/idlePart + count/widePart},
		"an IPv6 /64":     {func(i int) netip.Addr { return netip.AddrFrom16([16]byte{0x2a, 1, 4, 0xf8, 15: byte(i)}) }, count/idlePart + count/narrowPart},
		"an IPv6 /48":     {func(i int) netip.Addr { return netip.AddrFrom16([16]byte{0x2a, 1, 4, 0xf8, 0, 1, byte(i), 1}) }, count/idlePart + count/widePart},
		"a local network": {func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 1, 1, byte(i)}) }, count},
	} {
		d := NewDatagrams(count, 4)
		flood := func() {
			for i := range 10 * count {
				d.Put(netip.AddrPortFrom(test.at(i%256), uint16(i)), nil)
			}
		}
		flood()
		if n := len(d.Waiting()); n != test.want {
			t.Errorf("%s fills %d of %d buffers, want %d", name, n, count, test.want)
		}
		if lost := d.TakeDropped(); lost != uint64(10*count-test.want) {
			t.Errorf("%s: %d dropped", name, lost)
		}
		if test.want < count {
			d.Put(netip.MustParseAddrPort("80.1.1.1:1"), []byte("x"))
			if n := len(d.Waiting()); n != test.want+1 {
				t.Errorf("%s: no room for another network", name)
			}
		}
		for len(d.Waiting()) > 0 {
			d.Free(<-d.Waiting())
		}
		flood()
		if n := len(d.Waiting()); n != test.want {
			t.Errorf("%s: %d buffers after all were freed, want %d", name, n, test.want)
		}
	}
}
