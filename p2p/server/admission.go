// SPDX-License-Identifier: Apache-2.0

package server

import (
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/netgroup"
	"github.com/ethpeer/ethpeer/p2p"
)

// admission decides which nodes become peers, and holds the peers and the trusted nodes. It is a leaf: its
// mutex is held only for a few map lookups.
type admission struct {
	self       enr.ID
	max        int
	maxInbound int
	share      netgroup.Share // the part of the inbound places that one network may have
	namedOnly  bool

	mu        sync.Mutex // guards what follows
	peers     map[enr.ID]member
	leaving   int             // peers that make room for another
	inbound   int             // inbound peers, without those that make room
	groups    netgroup.Counts // networks of the inbound peers, without trusted ones
	displaced time.Time       // when the last peer began to make room
	trusted   map[enr.ID]bool // changes only by the operator's commands, as does
	static    map[enr.ID]bool
}

// member is a peer that was admitted.
type member struct {
	inbound bool
	trusted bool
	conn    *connection

	group   netgroup.Group // the group in which the peer counts; zero = in none
	since   time.Time
	leaving bool // the peer makes room for another
}

// newAdmission returns an admission that keeps dialled of the maxPeers places for peers that we dial.
// networks are those that the operator restricts peers to, if any.
func newAdmission(self enr.ID, maxPeers, dialled int, networks netgroup.Prefixes) *admission {
	return &admission{
		self: self, max: maxPeers, maxInbound: maxPeers - dialled, share: inboundShare(maxPeers-dialled, networks),
		peers: map[enr.ID]member{}, groups: netgroup.Counts{}, trusted: map[enr.ID]bool{}, static: map[enr.ID]bool{},
	}
}

// check is the first checkpoint of a node that we dialled. It fails if the node could not become a peer now,
// and reports whether the node is trusted, which the second checkpoint does not check again.
func (a *admission) check(id enr.ID) (trusted bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	trusted = a.trusted[id]
	return trusted, a.refusal(time.Time{}, id, member{trusted: trusted})
}

// checkInbound is the first checkpoint of an inbound connection. Its RLPx handshake does not prove that the
// node has the key that it claims (devp2p/rlpx.md#initial-handshake), so checkInbound checks only the limits
// that hold for every node of the network. If there are trusted nodes, only the second checkpoint checks
// them.
func (a *admission) checkInbound(now time.Time, of netgroup.Group) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case len(a.trusted) > 0:
		return nil
	case a.namedOnly && len(a.static) == 0:
		return errNotNamed
	}
	return a.full(now, member{inbound: true, group: of})
}

// admit is the second checkpoint. It checks everything again, because time has passed, and makes the node a
// peer. If another peer must make room, admit returns that peer, and the caller ends it.
func (a *admission) admit(now time.Time, id enr.ID, m member) (victim *member, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if m.inbound {
		m.trusted = a.trusted[id]
	}
	if err := a.refusal(now, id, m); err != nil {
		return nil, err
	}
	if !m.trusted && a.isFull(m.inbound) {
		victim = a.makeRoom(now, m.group)
	}
	if m.trusted || !m.inbound {
		m.group = netgroup.Group{}
	}
	m.trusted, m.since = a.trusted[id], now // PeerInfo shows the flag as it is now
	a.peers[id] = m
	a.groups.Add(m.group)
	if m.inbound {
		a.inbound++
	}
	return victim, nil
}

var errNotNamed = &p2p.LocalClose{Reason: p2p.ReasonTooManyPeers, Why: "only named nodes are admitted"}

// refusal returns nil if a node may become a peer. The first check that fails gives the reason of
// the Disconnect (devp2p/rlpx.md#disconnect-0x01). A trusted node passes the limits but no other
// check; a static node passes none.
func (a *admission) refusal(now time.Time, id enr.ID, m member) error {
	if a.namedOnly && !m.trusted && !a.static[id] {
		return errNotNamed
	}
	if !m.trusted {
		if err := a.full(now, m); err != nil {
			return err
		}
	}
	if _, present := a.peers[id]; present {
		return &p2p.LocalClose{Reason: p2p.ReasonAlreadyConnected}
	}
	if id == a.self {
		return &p2p.LocalClose{Reason: p2p.ReasonSelf}
	}
	return nil
}

// pointless reports whether a dial cannot lead to a peer now: the node is a peer already, or there is no
// place.
func (a *admission) pointless(id enr.ID) bool {
	_, err := a.check(id)
	return err != nil
}

// name sets whether a node is static.
func (a *admission) name(id enr.ID, static bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if static {
		a.static[id] = true
	} else {
		delete(a.static, id)
	}
}

// named reports whether a node is static.
func (a *admission) named(id enr.ID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.static[id]
}

// scopes reports whether there are peers in local networks, and peers beyond them.
func (a *admission) scopes() (r peerScopes) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, m := range a.peers {
		if m.conn.local() {
			r.local = true
		} else {
			r.beyond = true
		}
	}
	return r
}

// leave undoes admit.
func (a *admission) leave(id enr.ID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if m := a.peers[id]; m.leaving {
		a.leaving--
	} else {
		a.release(m)
	}
	delete(a.peers, id)
}

// trust sets whether a node is trusted, and updates its peer if it is connected.
func (a *admission) trust(id enr.ID, trusted bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if trusted {
		a.trusted[id] = true
	} else {
		delete(a.trusted, id)
	}
	if m, ok := a.peers[id]; ok {
		m.trusted = trusted
		a.peers[id] = m
	}
}

func (a *admission) find(id enr.ID) (member, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	m, ok := a.peers[id]
	return m, ok
}

// all returns a copy of the members.
func (a *admission) all() []member {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := make([]member, 0, len(a.peers))
	for _, m := range a.peers {
		all = append(all, m)
	}
	return all
}
