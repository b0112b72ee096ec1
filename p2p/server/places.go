// SPDX-License-Identifier: Apache-2.0

package server

import (
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/netgroup"
	"github.com/ethpeer/ethpeer/p2p"
)

// Node keys (devp2p/rlpx.md#node-identity) are free and the addresses of one network are cheap for its owner,
// so each network may take one in so many inbound places, at least one. Trusted nodes do not count, and local
// networks are exempt. Where Config.NetRestrict names networks, the wide group is exempt too.
const (
	inboundPerNet  = 8 // for an IPv4 /24, IPv6 /64 or IPv6 /56
	inboundPerWide = 4 // for an IPv4 /16, IPv6 /32 or IPv6 /48
)

// displaceEvery is the least time between two displacements.
const displaceEvery = 10 * time.Second

// inboundShare returns how many of the inbound places one network may have.
func inboundShare(places int, networks netgroup.Prefixes) netgroup.Share {
	share := netgroup.Share{Narrow: max(places/inboundPerNet, 1), Wide: max(places/inboundPerWide, 1)}
	if len(networks) > 0 {
		share.Wide = 0
	}
	return share
}

// full returns why there is no place for an untrusted node; nil if there is one.
func (a *admission) full(now time.Time, m member) error {
	if a.isFull(m.inbound) {
		if _, found := a.victim(now, m.group); !found || !m.inbound {
			why := ""
			if a.count() < a.max {
				why = "too many inbound peers"
			}
			return &p2p.LocalClose{Reason: p2p.ReasonTooManyPeers, Why: why}
		}
	}
	if m.inbound && a.groups.Full(m.group, a.share) {
		return &p2p.LocalClose{Reason: p2p.ReasonTooManyPeers, Why: "too many inbound peers of its network"}
	}
	return nil
}

// isFull reports whether all places are taken.
func (a *admission) isFull(inbound bool) bool {
	return a.count() >= a.max || inbound && a.inbound >= a.maxInbound
}

// count returns the number of peers, without those that make room.
func (a *admission) count() int { return len(a.peers) - a.leaving }

// victim returns the peer that makes room for a node whose wide network has no inbound peer yet: the youngest
// inbound peer of the most crowded wide network, if that has two peers or more. So each displacement leaves
// fewer networks with more than one peer, and newcomers cannot displace each other for ever. Trusted, static,
// dialled and local peers are never displaced.
func (a *admission) victim(now time.Time, newcomer netgroup.Group) (victim enr.ID, found bool) {
	if newcomer.IsZero() || a.groups[newcomer.Wide] > 0 || !a.displaced.IsZero() && now.Sub(a.displaced) < displaceEvery {
		return victim, false
	}
	most, since := 1, time.Time{}
	for id, m := range a.peers {
		n := a.groups[m.group.Wide]
		if m.group.IsZero() || m.leaving || m.trusted || a.static[id] || n < 2 {
			continue
		}
		if n > most || n == most && m.since.After(since) {
			victim, found, most, since = id, true, n, m.since
		}
	}
	return victim, found
}

// makeRoom marks a peer as leaving. It stays in the table until it has ended, so that its node cannot connect
// twice.
func (a *admission) makeRoom(now time.Time, newcomer netgroup.Group) *member {
	id, found := a.victim(now, newcomer)
	if !found {
		return nil
	}
	m := a.peers[id]
	a.release(m)
	m.leaving = true
	a.peers[id] = m
	a.leaving++
	a.displaced = now
	return &m
}

// release removes a peer from the counts.
func (a *admission) release(m member) {
	a.groups.Remove(m.group)
	if m.inbound {
		a.inbound--
	}
}

// errDisplaced returns the error that ends a displaced peer, with "too many peers" (0x04,
// devp2p/rlpx.md#disconnect-0x01).
func errDisplaced() error {
	return &p2p.LocalClose{Reason: p2p.ReasonTooManyPeers, Why: "its place goes to a node of another network"}
}
