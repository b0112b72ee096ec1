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
