// SPDX-License-Identifier: Apache-2.0

package server

import (
	"errors"
	"testing"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/p2p"
)

func reasonOf(err error) p2p.Reason {
	if l, ok := errors.AsType[*p2p.LocalClose](err); ok {
		return l.Reason
	}
	return 0xff
}

func TestAdmission(t *testing.T) {
	self := enr.ID{0xff}
	id := func(n byte) enr.ID { return enr.ID{n} }
	a := newAdmission(self, 6, true) // 4 inbound at most
	for n := byte(1); n <= 4; n++ {
		if err := a.admit(id(n), true); err != nil {
			t.Fatal(err)
		}
	}
	if r := reasonOf(a.check(id(5), true)); r != p2p.ReasonTooManyPeers {
		t.Errorf("a fifth inbound peer: %v", r)
	}
	if r := reasonOf(a.check(id(1), false)); r != p2p.ReasonAlreadyConnected {
		t.Errorf("a duplicate: %v", r)
	}
	if r := reasonOf(a.check(self, false)); r != p2p.ReasonSelf {
		t.Errorf("ourselves: %v", r)
	}
	for n := byte(5); n <= 6; n++ {
		if err := a.admit(id(n), false); err != nil {
			t.Fatal(err)
		}
	}
	// Full comes before duplicate.
	if r := reasonOf(a.check(id(1), false)); r != p2p.ReasonTooManyPeers {
		t.Errorf("a duplicate at a full server: %v", r)
	}
	a.leave(id(1))
	a.leave(id(6))
	if err := a.admit(id(7), true); err != nil {
		t.Errorf("a place is free again: %v", err)
	}
	if a.inbound != 4 || len(a.peers) != 5 || !a.pointless(id(7)) || a.pointless(id(1)) {
		t.Errorf("%d inbound of %d", a.inbound, len(a.peers))
	}
}

func TestInboundShare(t *testing.T) {
	for _, test := range []struct {
		max   int
		dials bool
		want  int
	}{{50, true, 34}, {50, false, 50}, {1, true, 0}, {1, false, 1}, {2, true, 1}} {
		if a := newAdmission(enr.ID{}, test.max, test.dials); a.maxInbound != test.want {
			t.Errorf("%d peers, dialling %v: %d inbound, want %d", test.max, test.dials, a.maxInbound, test.want)
		}
	}
}
