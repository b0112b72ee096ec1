// SPDX-License-Identifier: Apache-2.0

// in: what is sent and heard, when · out: what is wrong here, once · owner: the Finder, which guards it with a mutex

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
	blockedAfter  = 30 * time.Second // since the first question, without any answer
	blockedGroups = 5                // networks that were asked meanwhile
	maxGroups     = 64               // networks that are remembered; the oldest makes room

	clockGroups = 3                // networks that must agree that our clock is off
	clockAhead  = 15 * time.Second // from which on it is: answers are valid for 20 s
	clockBehind = 90 * time.Second // likewise; some clients let their packets be valid for a minute
)

// A reach notices that no datagram of the Internet ever comes in. Local networks are no evidence.
type reach struct {
	asked bounded.Set[netip.Prefix]
	first time.Time // question
	heard bool
	told  bool
}

func newReach() reach {
	return reach{asked: bounded.NewSet[netip.Prefix](maxGroups, bounded.DropOldest)}
}

// onSent takes that a datagram was sent to an address.
func (r *reach) onSent(now time.Time, to netip.Addr) {
	if r.heard || netgroup.KindOf(to) != netgroup.Global {
		return
	}
	if r.first.IsZero() {
		r.first = now
	}
	r.asked.Add(netgroup.Of(to).Narrow)
}

// onHeard takes that a datagram of discovery came from an address. It reports whether that ends what was told.
func (r *reach) onHeard(from netip.Addr) (over bool) {
	if r.heard || netgroup.KindOf(from) != netgroup.Global {
		return false
	}
	r.heard = true
	return r.told
}

// blocked returns what is wrong, if something is that was not told yet. The caller knows that the network is up.
func (r *reach) blocked(now time.Time, port uint16) string {
	if r.heard || r.told || r.first.IsZero() || now.Sub(r.first) < blockedAfter || r.asked.Len() < blockedGroups {
		return ""
	}
	r.told = true
	return fmt.Sprintf("the network is up, but no UDP datagram has come back from %d networks that were asked: a firewall seems to block UDP; "+
		"let UDP out, and in at port %d, or look for nodes in DNS lists and among named ones only", r.asked.Len(), port)
}

// A clock compares ours with those of other nodes, by the time until which their packets are valid.
type clock struct {
	ahead *bounded.Map[netip.Prefix, time.Duration] // how far ours is ahead, by the last node of a network
	told  bool
}

func newClock() clock {
	return clock{ahead: bounded.NewMap[netip.Prefix, time.Duration](maxGroups, bounded.DropOldest)}
}

// onClock takes how far our clock is ahead of a node's. It returns what is wrong if unrelated nodes agree and that was not told yet,
// and over if it was told and is right now.
func (c *clock) onClock(by netip.Addr, ahead time.Duration) (wrong string, over bool) {
	group := netgroup.Of(by)
	if group.IsZero() {
		return "", false
	}
	c.ahead.Delete(group.Narrow) // to put it last
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
