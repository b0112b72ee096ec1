// SPDX-License-Identifier: Apache-2.0

// in: results of sends, time · out: whether there is a route, once for each change · owner: the Finder, under its mutex

package discover

import (
	"errors"
	"net/netip"
	"syscall"
	"time"

	"github.com/ethpeer/ethpeer/internal/netgroup"
)

const (
	noRouteSends = 5                // sends in a row that failed without a route
	noRouteAfter = 10 * time.Second // since the first of them: a missing route for one address family is no outage
)

// A route detects that this machine has no route to the Internet. Failed sends count only in a row,
// because sends to IPv6 addresses fail on a machine with IPv4 only.
type route struct {
	failed int       // sends in a row
	first  time.Time // of them
	err    error     // of the last
	told   bool      // the missing route was reported
}

// onSend records the result of a send to an address.
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

// check reports whether the route was lost or has returned since the last change, with the error of the last send if it was lost.
func (r *route) check(now time.Time) (changed bool, err error) {
	down := r.failed > 0 && (r.told || r.failed >= noRouteSends && now.Sub(r.first) >= noRouteAfter)
	if down == r.told {
		return false, nil
	}
	r.told = down
	return true, r.err
}

// isNoRoute reports whether a send failed before the datagram left this machine.
func isNoRoute(err error) bool {
	return errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.ENETDOWN) || errors.Is(err, syscall.EHOSTUNREACH)
}
