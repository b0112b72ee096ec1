// SPDX-License-Identifier: Apache-2.0

package server

import (
	"sync"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/p2p"
)

// admission decides which nodes become peers, and holds the peers and the trusted nodes. It is a leaf: one mutex, held for a map lookup.
type admission struct {
	self       enr.ID
	max        int
	maxInbound int
	namedOnly  bool

	mu      sync.Mutex // guards what follows
	peers   map[enr.ID]member
	inbound int
	trusted map[enr.ID]bool // grows only with the operator's commands, as does
	static  map[enr.ID]bool
	shaking map[enr.ID]int // inbound handshakes under way, by node ID
}

// member is a peer that was admitted.
type member struct {
	inbound bool
	trusted bool
	conn    *connection
}

// newAdmission keeps some of the places for peers that we dial.
func newAdmission(self enr.ID, maxPeers, dialled int) *admission {
	return &admission{
		self: self, max: maxPeers, maxInbound: maxPeers - dialled,
		peers: map[enr.ID]member{}, trusted: map[enr.ID]bool{}, static: map[enr.ID]bool{}, shaking: map[enr.ID]int{},
	}
}

// check is the first checkpoint: it answers whether a node could become a peer now, and
// whether it is trusted, which the second checkpoint does not ask again.
func (a *admission) check(id enr.ID, inbound bool) (trusted bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	trusted = a.trusted[id]
	return trusted, a.refusal(id, inbound, trusted)
}

// admit is the second checkpoint: because time has passed it checks again, and makes the
// node a peer.
func (a *admission) admit(id enr.ID, m member) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.refusal(id, m.inbound, m.trusted); err != nil {
		return err
	}
	m.trusted = a.trusted[id] // what is shown is what holds
	a.peers[id] = m
	if m.inbound {
		a.inbound++
	}
	return nil
}

// refusal returns nil if a node may become a peer. The first check that fails gives the reason of
// the Disconnect (devp2p/rlpx.md#disconnect-0x01). A trusted node passes the limits but no other
// check; a static node passes none.
func (a *admission) refusal(id enr.ID, inbound, trusted bool) error {
	_, present := a.peers[id]
	switch {
	case a.namedOnly && !trusted && !a.static[id]:
		return &p2p.LocalClose{Reason: p2p.ReasonTooManyPeers, Why: "only named nodes are admitted"}
	case !trusted && len(a.peers) >= a.max:
		return &p2p.LocalClose{Reason: p2p.ReasonTooManyPeers}
	case !trusted && inbound && a.inbound >= a.maxInbound:
		return &p2p.LocalClose{Reason: p2p.ReasonTooManyPeers, Why: "too many inbound peers"}
	case present:
		return &p2p.LocalClose{Reason: p2p.ReasonAlreadyConnected}
	case id == a.self:
		return &p2p.LocalClose{Reason: p2p.ReasonSelf}
	}
	return nil
}

// pointless reports whether a dial could not lead to a peer now: the node is one, or is
// about to be, or there is no place for it.
func (a *admission) pointless(id enr.ID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.shaking[id] > 0 || a.refusal(id, false, a.trusted[id]) != nil
}

// shake counts the handshake of a node that came to us. The returned function ends that.
func (a *admission) shake(id enr.ID) (end func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.shaking[id]++
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.shaking[id]--; a.shaking[id] == 0 {
			delete(a.shaking, id)
		}
	}
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
	if a.peers[id].inbound {
		a.inbound--
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
