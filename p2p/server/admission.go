// SPDX-License-Identifier: Apache-2.0

package server

import (
	"sync"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/p2p"
)

// dialRatio is the inverse of the share of peers that we dial ourselves: the others are
// free for those who need somebody to connect to.
const dialRatio = 3

// admission decides who becomes a peer. It is a leaf: one mutex, held for a map lookup.
type admission struct {
	self       enr.ID
	max        int
	maxInbound int

	mu      sync.Mutex      // guards what follows
	peers   map[enr.ID]bool // value: inbound
	inbound int
}

func newAdmission(self enr.ID, maxPeers int, dials bool) *admission {
	a := &admission{self: self, max: maxPeers, maxInbound: maxPeers, peers: map[enr.ID]bool{}}
	if dials && maxPeers > 0 {
		a.maxInbound -= max(maxPeers/dialRatio, 1)
	}
	return a
}

// check answers whether a node could become a peer now. The order decides which reason
// a node hears that fails several: a full server says so even to its own peers.
func (a *admission) check(id enr.ID, inbound bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.refusal(id, inbound)
}

// admit checks again, because time has passed, and makes the node a peer.
func (a *admission) admit(id enr.ID, inbound bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.refusal(id, inbound); err != nil {
		return err
	}
	a.peers[id] = inbound
	if inbound {
		a.inbound++
	}
	return nil
}

func (a *admission) refusal(id enr.ID, inbound bool) error {
	_, present := a.peers[id]
	switch {
	case len(a.peers) >= a.max:
		return &p2p.LocalClose{Reason: p2p.ReasonTooManyPeers}
	case inbound && a.inbound >= a.maxInbound:
		return &p2p.LocalClose{Reason: p2p.ReasonTooManyPeers, Why: "too many inbound peers"}
	case present:
		return &p2p.LocalClose{Reason: p2p.ReasonAlreadyConnected}
	case id == a.self:
		return &p2p.LocalClose{Reason: p2p.ReasonSelf}
	}
	return nil
}

// pointless reports whether a dial could not lead to a peer now: the node is one, or there
// is no place.
func (a *admission) pointless(id enr.ID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, present := a.peers[id]
	return present || len(a.peers) >= a.max
}

// leave undoes admit.
func (a *admission) leave(id enr.ID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.peers[id] {
		a.inbound--
	}
	delete(a.peers, id)
}
