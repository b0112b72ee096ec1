// SPDX-License-Identifier: Apache-2.0

package server

import (
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// Inbound connections from one source.
const (
	throttleTime  = 30 * time.Second
	throttleTable = 16 << 10 // addresses, and IPv6 /64s, remembered; beyond it the oldest is forgotten
	throttlePer64 = 10
)

// A throttle lets each address connect to us once in throttleTime, and each IPv6 /64, of which one
// host has all addresses, throttlePer64 times. An attempt that was turned away does not count, so
// a source that keeps trying gets in when its time is over. Owner: the listening loop.
type throttle struct {
	seen *bounded.Map[netip.Addr, time.Time]      // when let in, in that order
	nets *bounded.Map[netip.Prefix, throttledNet] // by the beginning of their time
}

// throttledNet counts what was let in from a network since a time.
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
	if exempt(ip) {
		return true
	}
	ip = netgroup.Plain(ip)
	if t.seen.Has(ip) || ip.Is6() && !t.enter(now, netgroup.Of(ip).Narrow) {
		return false
	}
	t.seen.Put(ip, now)
	return true
}

// enter counts an attempt from a network, and returns false if it had all that it may.
func (t *throttle) enter(now time.Time, net netip.Prefix) bool {
	n, known := t.nets.Get(net)
	switch {
	case !known || now.Sub(n.since) >= throttleTime:
		t.nets.Delete(net) // to put it last
		n = throttledNet{since: now}
	case n.count == throttlePer64:
		return false
	}
	n.count++
	t.nets.Put(net, n)
	return true
}

// dropped returns how many entries were forgotten since it was last called, because there were
// too many.
func (t *throttle) dropped() uint64 { return t.seen.TakeDropped() + t.nets.TakeDropped() }

func (t *throttle) purge(now time.Time) {
	for {
		oldest, ok := t.oldest()
		if !ok || now.Sub(oldest.at) < throttleTime {
			return
		}
		t.seen.Delete(oldest.ip)
	}
}

type attempt struct {
	ip netip.Addr
	at time.Time
}

func (t *throttle) oldest() (attempt, bool) {
	for ip, at := range t.seen.All() {
		return attempt{ip, at}, true
	}
	return attempt{}, false
}
