// SPDX-License-Identifier: Apache-2.0

package server

import (
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/netgroup"
	"github.com/ethpeer/ethpeer/p2p"
)

// admission decides which nodes become peers, and holds the peers and the trusted nodes. It is a leaf: one mutex, held for a few
// map lookups.
type admission struct {
	self       enr.ID
	max        int
	maxInbound int
	share      netgroup.Share // of the inbound places, of one network
	namedOnly  bool

	mu        sync.Mutex // guards what follows
	peers     map[enr.ID]member
	leaving   int             // of peers: those that make room
	inbound   int             // of peers: those that came to us, but for those that make room
	groups    netgroup.Counts // of inbound, but for trusted peers
	displaced time.Time       // when the last peer began to make room
	trusted   map[enr.ID]bool // grows only with the operator's commands, as does
	static    map[enr.ID]bool
}

// member is a peer that was admitted.
type member struct {
	inbound bool
	trusted bool
	conn    *connection

	group   netgroup.Group // in which it counts; zero = in none
	since   time.Time
	leaving bool // it makes room for another peer
}

// newAdmission keeps some of the places for peers that we dial. Networks are those that the operator restricts peers to, if any.
func newAdmission(self enr.ID, maxPeers, dialled int, networks netgroup.Prefixes) *admission {
	return &admission{
		self: self, max: maxPeers, maxInbound: maxPeers - dialled, share: inboundShare(maxPeers-dialled, networks),
		peers: map[enr.ID]member{}, groups: netgroup.Counts{}, trusted: map[enr.ID]bool{}, static: map[enr.ID]bool{},
	}
}

// check is the first checkpoint for a node that we dialled: it answers whether the node could become a peer now, and
// whether it is trusted, which the second checkpoint does not ask again.
func (a *admission) check(id enr.ID) (trusted bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	trusted = a.trusted[id]
	return trusted, a.refusal(time.Time{}, id, member{trusted: trusted})
}

// checkInbound is the first checkpoint for a node that came to us. Its RLPx handshake (devp2p/rlpx.md#initial-handshake) does not prove that it has the key that it
// claims, so this asks only what is the same for all nodes of its network. Where a trusted node could pass, the second checkpoint
// decides.
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

// admit is the second checkpoint: because time has passed it checks again, and makes the
// node a peer. If another peer has to make room for it, admit returns that one, which the caller ends.
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
	m.trusted, m.since = a.trusted[id], now // what is shown is what holds
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

// pointless reports whether a dial could not lead to a peer now: the node is one, or there is no place for it.
func (a *admission) pointless(id enr.ID) bool {
	_, err := a.check(id)
	return err != nil
}

// name says whether a node is static.
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

// peerScopes says which kinds of peers there are.
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

// trust sets whether a node is trusted, and says so of the peer if it is one.
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

// all returns a snapshot.
func (a *admission) all() []member {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := make([]member, 0, len(a.peers))
	for _, m := range a.peers {
		all = append(all, m)
	}
	return all
}
