// SPDX-License-Identifier: Apache-2.0

package server

import (
	"errors"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/netgroup"
	"github.com/ethpeer/ethpeer/p2p"
)

func reasonOf(err error) p2p.Reason {
	if l, ok := errors.AsType[*p2p.LocalClose](err); ok {
		return l.Reason
	}
	return 0xff
}

func in(inbound bool) member { return member{inbound: inbound} }

// put admits a node that displaces no peer.
func (a *admission) put(id enr.ID, m member) error {
	victim, err := a.admit(time.Unix(1000, 0), id, m)
	if victim != nil {
		return errors.New("a peer made room")
	}
	return err
}

// would returns the decision of both checkpoints about an inbound node.
func (a *admission) would(id enr.ID) error {
	if err := a.checkInbound(time.Unix(1000, 0), netgroup.Group{}); err != nil {
		return err
	}
	return a.refusal(time.Unix(1000, 0), id, member{inbound: true, trusted: a.trusted[id]})
}

func TestAdmission(t *testing.T) {
	self := enr.ID{0xff}
	id := func(n byte) enr.ID { return enr.ID{n} }
	check := func(a *admission, id enr.ID, inbound bool) p2p.Reason {
		if inbound {
			return reasonOf(a.would(id))
		}
		_, err := a.check(id)
		return reasonOf(err)
	}
	a := newAdmission(self, 6, 2, nil) // 4 inbound at most
	for n := byte(1); n <= 4; n++ {
		if err := a.put(id(n), in(true)); err != nil {
			t.Fatal(err)
		}
	}
	if r := check(a, id(5), true); r != p2p.ReasonTooManyPeers {
		t.Errorf("a fifth inbound peer: %v", r)
	}
	if r := check(a, id(1), false); r != p2p.ReasonAlreadyConnected {
		t.Errorf("a duplicate: %v", r)
	}
	if r := check(a, self, false); r != p2p.ReasonSelf {
		t.Errorf("ourselves: %v", r)
	}
	for n := byte(5); n <= 6; n++ {
		if err := a.put(id(n), in(false)); err != nil {
			t.Fatal(err)
		}
	}
	if !a.pointless(id(7)) || !a.pointless(id(1)) {
		t.Error("there is a place at a full server")
	}
	a.leave(id(1))
	a.leave(id(6))
	if err := a.put(id(7), in(true)); err != nil {
		t.Errorf("a place is free again: %v", err)
	}
	if a.inbound != 4 || len(a.peers) != 5 || !a.pointless(id(7)) || a.pointless(id(1)) {
		t.Errorf("%d inbound of %d", a.inbound, len(a.peers))
	}
}

// Checklist row 9. A full server answers "too many peers" even to its own peers and to itself.
func TestFullPrecedesDuplicate(t *testing.T) {
	a := newAdmission(enr.ID{0xff}, 1, 0, nil)
	if err := a.put(enr.ID{1}, in(true)); err != nil {
		t.Fatal(err)
	}
	for _, id := range []enr.ID{{1}, {0xff}} {
		if err := a.would(id); reasonOf(err) != p2p.ReasonTooManyPeers {
			t.Errorf("%s at a full server: %v", id.Short(), err)
		}
	}
}

// Checklist row 4. A trusted node passes both limits, and no other check.
func TestTrustBypassesLimitsOnly(t *testing.T) {
	self, friend := enr.ID{0xff}, enr.ID{1}
	a := newAdmission(self, 1, 1, nil) // none inbound
	a.trust(friend, true)
	a.trust(self, true)
	if err := a.would(friend); err != nil {
		t.Fatalf("no inbound place: %v", err)
	}
	if err := a.put(friend, in(true)); err != nil {
		t.Fatal(err)
	}
	if err := a.would(friend); reasonOf(err) != p2p.ReasonAlreadyConnected {
		t.Errorf("a trusted duplicate: %v", err)
	}
	if err := a.would(self); reasonOf(err) != p2p.ReasonSelf {
		t.Errorf("ourselves, trusted: %v", err)
	}
	if a.pointless(enr.ID{2}) != true || a.inbound != 1 {
		t.Error("a trusted peer takes no place")
	}
}

// For a node that we dial, the first checkpoint decides about trust: a change between the checkpoints changes
// the flag of the peer, but not the decision. An inbound node has proved nothing at the first checkpoint.
func TestTrustIsNotAskedTwice(t *testing.T) {
	friend := enr.ID{1}
	a := newAdmission(enr.ID{0xff}, 0, 0, nil)
	a.trust(friend, true)
	trusted, err := a.check(friend)
	a.trust(friend, false)
	if !trusted || err != nil {
		t.Errorf("trusted is %t: %v", trusted, err)
	}
	if err := a.put(friend, member{trusted: trusted}); err != nil {
		t.Error(err)
	}
	if m, _ := a.find(friend); m.trusted {
		t.Error("shown as trusted")
	}

	late := enr.ID{2}
	trusted, _ = a.check(late)
	a.trust(late, true)
	if err := a.put(late, member{trusted: trusted}); reasonOf(err) != p2p.ReasonTooManyPeers {
		t.Errorf("trusted too late: %v", err)
	}
	if err := a.put(late, in(true)); err != nil {
		t.Errorf("an inbound connection of a node that is trusted by now: %v", err)
	}
}

// Checklist row 6, and the default ratio: 50 peers are 16 dialled and 34 inbound.
func TestInboundShare(t *testing.T) {
	for _, test := range []struct {
		max, ratio int
		noDial     bool
		want       int
	}{
		{0, 0, false, 34},
		{50, 0, true, 50},
		{1, 0, false, 0},
		{1, 0, true, 1},
		{2, 0, false, 1},
		{50, 2, false, 25},
		{50, 1, false, 0},
		{50, 100, false, 49},
	} {
		cfg, err := Config{Key: mustKey(t), MaxPeers: test.max, DialRatio: test.ratio, NoDial: test.noDial}.complete()
		if err != nil {
			t.Fatal(err)
		}
		if a := newAdmission(enr.ID{}, cfg.MaxPeers, cfg.dialLimit(), nil); a.maxInbound != test.want {
			t.Errorf("%+v: %d inbound", test, a.maxInbound)
		}
	}
}
