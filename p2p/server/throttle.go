// SPDX-License-Identifier: Apache-2.0

package server

import (
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// Inbound connections from one address.
const (
	throttleTime  = 30 * time.Second
	throttleTable = 16 << 10 // addresses remembered; beyond it the oldest is forgotten
)

// A throttle lets each address connect to us once in throttleTime. An attempt that was
// turned away does not count, so that whoever keeps trying gets in when its time is over.
// Owner: the listening loop.
type throttle struct {
	seen *bounded.Map[netip.Addr, time.Time] // when let in, in that order
}

func newThrottle() *throttle {
	return &throttle{seen: bounded.NewMap[netip.Addr, time.Time](throttleTable, bounded.DropOldest)}
}

// onAttempt reports whether a connection may proceed.
func (t *throttle) onAttempt(now time.Time, ip netip.Addr) bool {
	t.purge(now)
	if exempt(ip) {
		return true
	}
	ip = netgroup.Plain(ip)
	if t.seen.Has(ip) {
		return false
	}
	t.seen.Put(ip, now)
	return true
}

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
