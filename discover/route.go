// SPDX-License-Identifier: Apache-2.0

// in: results of sends, when · out: whether there is a route, once for each change · owner: the Finder, which guards it with a mutex

package discover

import (
	"errors"
	"net/netip"
	"syscall"
	"time"

	"github.com/ethpeer/ethpeer/internal/netgroup"
)

const (
	noRouteSends = 5                // sends in a row that failed for want of a route
	noRouteAfter = 10 * time.Second // since the first of them: one address family without a route is no outage
)

// A route notices that this machine has no route to the Internet: only failed sends count, in a row,
// because a machine with IPv4 alone sends to some IPv6 addresses in vain.
type route struct {
	failed int       // sends in a row
	first  time.Time // of them
	err    error     // of the last
	told   bool      // that there is no route
}

// onSend takes the result of a send to an address.
func (r *route) onSend(now time.Time, to netip.Addr, err error) {
	switch {
	case netgroup.KindOf(to) != netgroup.Global:
	case err == nil:
		r.failed, r.err = 0, nil
	case isNoRoute(err):
		if r.failed == 0 {
			r.first = now
		}
		r.failed, r.err = r.failed+1, err
	}
}

// check reports whether the sends have begun to fail, and then why, or to succeed again.
func (r *route) check(now time.Time) (changed bool, err error) {
	down := r.failed > 0 && (r.told || r.failed >= noRouteSends && now.Sub(r.first) >= noRouteAfter)
	if down == r.told {
		return false, nil
	}
	r.told = down
	return true, r.err
}

// isNoRoute reports whether a send failed on this machine, before anything left it.
func isNoRoute(err error) bool {
	return errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.ENETDOWN) || errors.Is(err, syscall.EHOSTUNREACH)
}
