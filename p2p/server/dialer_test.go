// SPDX-License-Identifier: Apache-2.0

package server

import (
	"net/netip"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

// keyOf returns the key with a number.
func keyOf(t testing.TB, n uint16) *ecc.PrivateKey {
	t.Helper()
	var scalar [32]byte
	scalar[30], scalar[31] = byte(n>>8), byte(n)
	k, err := ecc.ParsePrivateKey(scalar[:])
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// nodeAt returns the node that has the key with the same number.
func nodeAt(t testing.TB, n byte, ip string) enr.Node {
	t.Helper()
	node := enr.Node{Key: keyOf(t, uint16(n)).Public(), TCP: 30303}
	if ip != "" {
		node.IP = netip.MustParseAddr(ip)
	}
	return node
}

func nobody(enr.ID) bool { return false }

// dialerOf returns a dialer with many places, for static nodes.
func dialerOf(t testing.TB, nodes ...enr.Node) *dialer {
	t.Helper()
	d := newDialer(dialRules{limit: 100, maxActive: 100, skip: nobody})
	for _, n := range nodes {
		if err := d.add(time.Unix(1000, 0), n); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func (d *dialer) ended(now time.Time, t *task, wait time.Duration) {
	d.onEnd(t, t.node, t.resolution)
	d.onVerdict(now, t.node.ID(), wait, redialMost)
}

// Checklist row 24. The wait counts from the beginning of the dial. A verdict can add a wait from its end.
func TestDialerBacksOff(t *testing.T) {
	for _, test := range []struct {
		name  string
		lasts time.Duration
		wait  time.Duration
		next  time.Duration // after the dial's beginning
	}{
		{"failed", time.Second, 0, redialAfter},
		{"failed late", 15 * time.Second, 0, redialAfter},
		{"lost after long", time.Hour, 0, time.Hour},
		{"broke a rule", time.Second, 10 * time.Second, redialAfter},
		{"broke a rule badly", time.Second, time.Minute, 61 * time.Second},
		{"is of no use, but named", time.Second, time.Hour, time.Second + redialMost},
	} {
		t.Run(test.name, func(t *testing.T) {
			now := time.Unix(1000, 0)
			d := dialerOf(t, nodeAt(t, 1, "127.0.0.1"))
			for range 3 {
				due := d.due(now)
				if len(due) != 1 {
					t.Fatalf("%d are due", len(due))
				}
				began := now
				now = now.Add(test.lasts)
				d.ended(now, due[0], test.wait)
				if next := began.Add(test.next); next.After(now) {
					if at := d.deadline(now); !at.Equal(next) {
						t.Fatalf("next at %v; want %v", at, next)
					}
					if len(d.due(next.Add(-1))) != 0 {
						t.Fatal("due before its time")
					}
					now = next
				}
			}
		})
	}
}

// Checklist row 22.
func TestSlotFormula(t *testing.T) {
	for _, test := range []struct{ limit, most, peers, active, want int }{
		{16, 50, 0, 0, 32},
		{16, 50, 10, 0, 12},
		{16, 50, 10, 5, 7},
		{16, 50, 16, 0, 0},
		{16, 50, 18, 0, -4},
		{50, 50, 0, 0, 50},
		{50, 50, 0, 50, 0},
		{0, 50, 0, 0, 0},
		{1, 50, 0, 0, 2},
	} {
		d := newDialer(dialRules{limit: test.limit, maxActive: test.most})
		d.peers, d.active = test.peers, test.active
		if got := d.slots(); got != test.want {
			t.Errorf("%+v: %d slots", test, got)
		}
	}
}

func TestDialerSlots(t *testing.T) {
	now := time.Unix(1000, 0)
	d := dialerOf(t)
	d.limit, d.maxActive = 2, 2
	for n := byte(1); n <= 5; n++ {
		for range 2 { // twice the same
			if err := d.add(now, nodeAt(t, n, "127.0.0.1")); err != nil {
				t.Fatal(err)
			}
		}
	}
	first := d.due(now)
	if len(first) != 2 || len(d.due(now)) != 0 || len(d.static) != 5 {
		t.Fatalf("%d of %d are due for 2 slots", len(first), len(d.static))
	}
	if at := d.deadline(now); !at.IsZero() {
		t.Error("without a slot there is nothing to wait for")
	}
	d.onConnected(first[0])
	second := d.due(now)
	if len(second) != 1 {
		t.Fatalf("a handshake over frees one slot: %d are due", len(second))
	}
	d.ended(now, first[0], 0)
	d.ended(now, first[1], 0)
	d.ended(now, second[0], 0)
	if d.active != 0 || d.peers != 0 || len(d.busy) != 0 {
		t.Errorf("%d slots are taken, by nobody", d.active)
	}
	d.skip = func(enr.ID) bool { return true }
	if due := d.due(now.Add(time.Hour)); len(due) != 0 {
		t.Errorf("%d are due though all are connected", len(due))
	}
}

// Checklist row 23, as the dialer decides it.
func TestStaticNodesComeFirst(t *testing.T) {
	now := time.Unix(1000, 0)
	d := dialerOf(t, nodeAt(t, 1, "8.8.8.8"), nodeAt(t, 2, "8.8.8.8"))
	d.limit = 1 // two slots
	if len(d.due(now)) != 2 || d.wants(now) {
		t.Error("a candidate is wanted where static nodes take all slots")
	}
	d.remove(nodeAt(t, 1, "").ID())
	if len(d.static) != 1 || d.active != 2 {
		t.Error("a removal interrupts a dial")
	}
}

// The reasons not to dial, in the order of the checks: each node here also has every later reason.
func TestRefusalOrder(t *testing.T) {
	now := time.Unix(1000, 0)
	d := dialerOf(t)
	self := nodeAt(t, 9, "8.8.8.8")
	d.self = self.ID()
	d.networks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	connected := map[enr.ID]bool{}
	d.skip = func(id enr.ID) bool { return connected[id] }
	node := func(n byte, state int) enr.Node {
		one := nodeAt(t, n, "8.8.8.8")
		one.TCP = uint16(state & 1)
		if state <= 1 {
			d.busy[one.ID()] = &task{node: one}
		}
		connected[one.ID()] = state <= 3
		if state >= 7 {
			one.IP = netip.MustParseAddr("10.1.1.1")
		}
		d.leaveAlone(now, one.ID(), time.Minute)
		return one
	}
	self.TCP = 0
	tooSoon := node(5, 7)
	for _, test := range []struct {
		node enr.Node
		want error
	}{
		{self, errSelf},
		{node(1, 0), errNoPort},
		{node(2, 1), errBusy},
		{node(3, 3), errPointless},
		{node(4, 5), errRestricted},
		{tooSoon, errTooSoon},
		{nodeAt(t, 6, ""), errNoAddress},
	} {
		if _, err := d.onCandidate(now, test.node); err != test.want {
			t.Errorf("got %v, want %v", err, test.want)
		}
	}
	if d.wants(now) || !d.wants(now.Add(candidatePause)) {
		t.Error("no pause after a candidate that is of no use")
	}
	if at := d.deadline(now); !at.Equal(now.Add(candidatePause)) {
		t.Errorf("deadline %v", at)
	}
	if _, err := d.onCandidate(now.Add(2*time.Minute), tooSoon); err != nil {
		t.Errorf("after its time: %v", err)
	}
}

// A node that can never be dialled is refused when it is added.
func TestAddRefusesTheImpossible(t *testing.T) {
	d := dialerOf(t)
	d.self = nodeAt(t, 9, "").ID()
	d.networks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	noPort := nodeAt(t, 1, "10.0.0.1")
	noPort.TCP = 0
	for _, test := range []struct {
		node enr.Node
		want error
	}{
		{nodeAt(t, 9, "10.0.0.1"), errSelf},
		{noPort, errNoPort},
		{nodeAt(t, 1, "8.8.8.8"), errRestricted},
		{nodeAt(t, 1, ""), nil}, // the address that the resolver finds is checked later
	} {
		if err := d.add(time.Unix(1000, 0), test.node); err != test.want {
			t.Errorf("got %v, want %v", err, test.want)
		}
	}
}

// A candidate that is static is dialled as a static node.
func TestCandidateThatIsStatic(t *testing.T) {
	now := time.Unix(1000, 0)
	one := nodeAt(t, 1, "8.8.8.8")
	d := dialerOf(t, one)
	got, err := d.onCandidate(now, one)
	if err != nil || !got.static || len(d.due(now)) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// History outlives the task: adding a node again does not make its dial earlier.
func TestHistoryIsOfNodes(t *testing.T) {
	now := time.Unix(1000, 0)
	one := nodeAt(t, 1, "8.8.8.8")
	d := dialerOf(t, one)
	d.ended(now, d.due(now)[0], 0)
	d.remove(one.ID())
	if err := d.add(now, one); err != nil {
		t.Fatal(err)
	}
	if len(d.due(now.Add(redialAfter-1))) != 0 || len(d.due(now.Add(redialAfter))) != 1 {
		t.Error("the history was forgotten")
	}
	d.forget(now.Add(time.Hour))
	if d.history.Len() != 0 {
		t.Errorf("%d entries are kept in vain", d.history.Len())
	}
}
