// SPDX-License-Identifier: Apache-2.0

package bounded

import "testing"

type meter struct{ used int }

func (m *meter) Charge(n int) { m.used += n }
func (m *meter) Give(n int)   { m.used -= n }

// A meter counts what is in its slots, put or posted, until it is taken.
func TestInboxCharges(t *testing.T) {
	b := NewInbox[string]()
	x, y := new(meter), new(meter)
	sx, sy, free := b.Open(x), b.Open(y), b.Open(nil)
	used := func(wantX, wantY int) {
		t.Helper()
		if x.used != wantX || y.used != wantY {
			t.Errorf("charged %d and %d, want %d and %d", x.used, y.used, wantX, wantY)
		}
	}
	sx.Put(nil, 100, "x1")
	sx.Post(10*SlotBytes, "x2")
	sy.Put(nil, 7, "y1")
	free.Put(nil, 5, "z1")
	used(100+10*SlotBytes, 7)
	take(t, b, "x1", "y1", "z1")
	used(10*SlotBytes, 0)

	done := make(chan struct{})
	close(done)
	if sx.Put(done, 1, "x3") {
		t.Error("a full slot took a message")
	}
	used(10*SlotBytes, 0)
	take(t, b, "x2")
	used(0, 0)
}

// A closed inbox gives what it holds, and drops what comes later without a charge.
func TestInboxClose(t *testing.T) {
	b := NewInbox[string]()
	m := new(meter)
	s := b.Open(m)
	s.Put(nil, 1, "before")
	b.Close()
	for range 2 * SlotMessages {
		if !s.Put(nil, 1, "after") {
			t.Error("Put waited")
		}
		s.Post(1, "after")
	}
	if m.used != 1 {
		t.Errorf("%d bytes are charged, want 1", m.used)
	}
	take(t, b, "before")
	if got, ok := b.Take(); ok || m.used != 0 {
		t.Errorf("took %q; %d bytes are charged", got, m.used)
	}
}

// The documentation states these bounds; the other tests use the constants.
func TestDocumentedBounds(t *testing.T) {
	if SlotBytes != 256<<10 || SlotMessages != 256 {
		t.Errorf("a slot has %d bytes and %d messages, documented as 256 KiB and 256", SlotBytes, SlotMessages)
	}
	if narrowPart != 4 || widePart != 2 || idlePart != 8 {
		t.Errorf("a narrow network has 1/%d of the datagrams, a wide one 1/%d, 1/%d is not counted; documented as 4, 2 and 8", narrowPart, widePart, idlePart)
	}
}
