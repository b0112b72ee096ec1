// SPDX-License-Identifier: Apache-2.0

package server

import (
	"net/netip"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/ecc"
)

func nodeAt(t testing.TB, n byte, ip string) enr.Node {
	t.Helper()
	var scalar [32]byte
	scalar[31] = n
	k, err := ecc.ParsePrivateKey(scalar[:])
	if err != nil {
		t.Fatal(err)
	}
	return enr.Node{Key: k.Public(), IP: netip.MustParseAddr(ip), TCP: 30303}
}

func nobody(enr.ID) bool { return false }

func TestDialerBacksOff(t *testing.T) {
	now := time.Unix(1000, 0)
	for _, test := range []struct {
		ip    string
		retry time.Duration
		up    bool
		waits []time.Duration
	}{
		{"127.0.0.1", 0, false, []time.Duration{2, 4, 8, 16, 32, 35, 35}},
		{"10.1.2.3", 0, true, []time.Duration{2, 2, 2}},
		{"8.8.8.8", 0, false, []time.Duration{35, 35, 35}},
		{"8.8.8.8", time.Minute, false, []time.Duration{60, 60}},
		{"127.0.0.1", time.Hour, false, []time.Duration{300}}, // the operator named it
	} {
		d := newDialer(enr.ID{}, []enr.Node{nodeAt(t, 1, test.ip)}, 10)
		for i, want := range test.waits {
			due := d.due(now, nobody)
			if len(due) != 1 {
				t.Fatalf("%s, dial %d: %d are due", test.ip, i, len(due))
			}
			d.onEnd(now, due[0], false, test.up, test.retry)
			at, ok := d.deadline()
			if !ok || at.Sub(now) != want*time.Second {
				t.Fatalf("%s, dial %d: next after %v, want %d s", test.ip, i, at.Sub(now), want)
			}
			if len(d.due(at.Add(-1), nobody)) != 0 {
				t.Fatalf("%s: due before its time", test.ip)
			}
			now = at
		}
	}
}

func TestDialerSlots(t *testing.T) {
	now := time.Unix(1000, 0)
	var nodes []enr.Node
	for n := byte(1); n <= 5; n++ {
		nodes = append(nodes, nodeAt(t, n, "127.0.0.1"), nodeAt(t, n, "127.0.0.1")) // twice the same
	}
	d := newDialer(enr.ID{}, nodes, 2)
	first := d.due(now, nobody)
	if len(first) != 2 || len(d.due(now, nobody)) != 0 {
		t.Fatalf("%d are due for 2 slots", len(first))
	}
	if _, ok := d.deadline(); ok {
		t.Error("without a slot there is nothing to wait for")
	}
	d.onHandshaken(first[0])
	second := d.due(now, nobody)
	if len(second) != 1 {
		t.Fatalf("a handshake over frees one slot: %d are due", len(second))
	}
	d.onEnd(now, first[0], true, true, 0)
	d.onEnd(now, first[1], false, false, 0)
	d.onEnd(now, second[0], false, false, 0)
	if d.active != 0 {
		t.Errorf("%d slots are taken, by nobody", d.active)
	}
	if due := d.due(now, func(enr.ID) bool { return true }); len(due) != 0 {
		t.Errorf("%d are due though all are connected", len(due))
	}
}
