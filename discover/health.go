// SPDX-License-Identifier: Apache-2.0

// in: datagrams sent and received, time · out: each fault of this machine, once · owner: the Finder, under its mutex

package discover

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/internal/netgroup"
)

const (
	blockedAfter  = 30 * time.Second // since the first datagram was sent, without any received
	blockedGroups = 5                // networks that datagrams were sent to meanwhile
	maxGroups     = 64               // networks that are remembered; the oldest is dropped

	clockGroups = 3                // networks that must agree that the local clock is wrong
	clockAhead  = 15 * time.Second // tolerated; deployed clients let packets expire after 20 s (devp2p/discv4.md#wire-protocol)
	clockBehind = 90 * time.Second // tolerated; some clients let packets expire after a minute
)

// A udpHealth detects that no datagram from the Internet ever arrives. Datagrams of local networks are ignored.
type udpHealth struct {
	asked bounded.Set[netip.Prefix]
	first time.Time // datagram sent
	heard bool
	told  bool
}

func newUDPHealth() udpHealth {
	return udpHealth{asked: bounded.NewSet[netip.Prefix](maxGroups, bounded.DropOldest)}
}

// onSent records that a datagram was sent to an address.
func (r *udpHealth) onSent(now time.Time, to netip.Addr) {
	if r.heard || netgroup.KindOf(to) != netgroup.Global {
		return
	}
	if r.first.IsZero() {
		r.first = now
	}
	r.asked.Add(netgroup.Of(to).Narrow)
}

// onHeard records that a discovery datagram arrived from an address. It reports whether this ends a reported fault.
func (r *udpHealth) onHeard(from netip.Addr) (over bool) {
	if r.heard || netgroup.KindOf(from) != netgroup.Global {
		return false
	}
	r.heard = true
	return r.told
}

// blocked returns a description of the fault if UDP seems blocked, once. The caller knows that the network is up.
func (r *udpHealth) blocked(now time.Time, port uint16) string {
	if r.heard || r.told || r.first.IsZero() || now.Sub(r.first) < blockedAfter || r.asked.Len() < blockedGroups {
		return ""
	}
	r.told = true
	return fmt.Sprintf("the network is up, but no UDP datagram has come back from %d networks that were asked: a firewall seems to block UDP; "+
		"let UDP out, and in at port %d, or look for nodes in DNS lists and among named ones only", r.asked.Len(), port)
}

// A clock compares the local clock with those of other nodes, by the expiration of their packets (devp2p/discv4.md#wire-protocol).
type clock struct {
	ahead *bounded.Map[netip.Prefix, time.Duration] // how far the local clock is ahead, by the last node of each network
	told  bool
}

func newClock() clock {
	return clock{ahead: bounded.NewMap[netip.Prefix, time.Duration](maxGroups, bounded.DropOldest)}
}

// onClock records how far the local clock is ahead of a node's. It returns a description of the fault, once, if nodes of several
// networks agree that the local clock is wrong, and over when a reported fault ends.
func (c *clock) onClock(by netip.Addr, ahead time.Duration) (wrong string, over bool) {
	group := netgroup.Of(by)
	if group.IsZero() {
		return "", false
	}
	c.ahead.Delete(group.Narrow) // so that Put makes it the newest
	c.ahead.Put(group.Narrow, ahead)
	var before, after []time.Duration
	for _, d := range c.ahead.All() {
		switch {
		case d > clockAhead:
			before = append(before, d)
		case d < -clockBehind:
			after = append(after, -d)
		}
	}
	off, how := before, "ahead"
	if len(after) > len(before) {
		off, how = after, "behind"
	}
	bad := len(off) >= clockGroups && 3*len(off) > 2*c.ahead.Len()
	if bad == c.told {
		return "", false
	}
	c.told = bad
	if !bad {
		return "", true
	}
	slices.Sort(off)
	return fmt.Sprintf("this machine's clock is %s by about %v, as nodes of %d networks show: packets of discovery expire after 20 s, so nodes do not "+
		"answer each other; set the clock, for example with: timedatectl set-ntp true", how, off[len(off)/2].Round(time.Second), len(off)), false
}
