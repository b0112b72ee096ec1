// SPDX-License-Identifier: Apache-2.0

package server

import (
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// Limits of inbound connections from one source.
const (
	throttleTime    = 30 * time.Second
	throttleTable   = 16 << 10 // addresses, and networks, remembered; the oldest is forgotten when full
	throttlePerNet  = 10       // of an IPv4 /24, IPv6 /64 or IPv6 /56
	throttlePerWide = 40       // of an IPv4 /16 or IPv6 /32
)

// A throttle lets each address connect once in throttleTime, and each network as often as its share allows. A
// refused attempt does not count, so a source that keeps trying gets in when its time is over. Owner: the
// listening loop.
type throttle struct {
	seen *bounded.Map[netip.Addr, time.Time]      // when each was let in, in that order
	nets *bounded.Map[netip.Prefix, throttledNet] // in the order in which their periods began
}

// throttledNet counts the connections let in from a network since the beginning of a period.
type throttledNet struct {
	since time.Time
	count int
}

func newThrottle() *throttle {
	return &throttle{
		seen: bounded.NewMap[netip.Addr, time.Time](throttleTable, bounded.DropOldest),
		nets: bounded.NewMap[netip.Prefix, throttledNet](throttleTable, bounded.DropOldest),
	}
}

// onAttempt reports whether a connection may proceed.
func (t *throttle) onAttempt(now time.Time, ip netip.Addr) bool {
	t.purge(now)
	group := netgroup.Of(ip)
	if group.IsZero() {
		return true
	}
	ip = netgroup.Plain(ip)
	if t.seen.Has(ip) {
		return false
	}
	for net := range group.Networks() {
		most := throttlePerNet
		if net == group.Wide {
			most = throttlePerWide
		}
		if t.net(now, net).count >= most {
			return false
		}
	}
	for net := range group.Networks() {
		t.count(now, net)
	}
	t.seen.Put(ip, now)
	return true
}

// net returns the current period of a network; a new one if the last is over.
func (t *throttle) net(now time.Time, net netip.Prefix) throttledNet {
	n, known := t.nets.Get(net)
	if !known || now.Sub(n.since) >= throttleTime {
		return throttledNet{since: now}
	}
	return n
}

// count counts a connection that was let in from a network.
func (t *throttle) count(now time.Time, net netip.Prefix) {
	n := t.net(now, net)
	if n.count == 0 {
		t.nets.Delete(net) // moves the entry to the end
	}
	n.count++
	t.nets.Put(net, n)
}

// dropped returns how many entries were forgotten since its last call, because a table was full.
func (t *throttle) dropped() uint64 { return t.seen.TakeDropped() + t.nets.TakeDropped() }

// purge removes expired entries.
func (t *throttle) purge(now time.Time) {
	over := func(at time.Time) bool { return now.Sub(at) >= throttleTime }
	purge(t.seen, over)
	purge(t.nets, func(n throttledNet) bool { return over(n.since) })
}

// purge removes entries from the beginning of a map while over is true of them.
func purge[K comparable, V any](m *bounded.Map[K, V], over func(V) bool) {
	for {
		first, found := *new(K), false
		for key, value := range m.All() {
			first, found = key, over(value)
			break
		}
		if !found {
			return
		}
		m.Delete(first)
	}
}
