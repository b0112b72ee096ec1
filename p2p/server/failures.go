// SPDX-License-Identifier: Apache-2.0

package server

import (
	"net/netip"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// Failed and refused inbound connections cost a stranger nothing, so an event for each would drown all
// others.
const (
	failureTime  = 30 * time.Second // a network has one event in this time; the others are counted
	failureTable = 1024             // networks with an event in failureTime; a further network has none
)

// failures decides which failed inbound connections are recorded as events. It is a leaf: connections use it
// from their own goroutines.
type failures struct {
	mu      sync.Mutex                            // guards what follows
	told    *bounded.Map[netip.Prefix, time.Time] // in the order of the times
	untold  uint64
	counted time.Time // when untold was last reported
}

func newFailures() *failures {
	return &failures{told: bounded.NewMap[netip.Prefix, time.Time](failureTable, bounded.DropNew)}
}

// onFailure takes a failed connection from an address. It reports whether to record an event for it, and how
// many connections without an event are to be reported now.
func (f *failures) onFailure(now time.Time, ip netip.Addr) (tell bool, untold uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	purge(f.told, func(at time.Time) bool { return now.Sub(at) >= failureTime })
	of := netgroup.Of(ip).Narrow
	if !of.IsValid() { // a local address
		of = netip.PrefixFrom(netgroup.Plain(ip), netgroup.Plain(ip).BitLen())
	}
	tell = !f.told.Has(of) && f.told.Put(of, now)
	if !tell {
		f.untold++
	}
	if now.Sub(f.counted) >= failureTime {
		untold = f.take()
		f.counted = now
	}
	return tell, untold
}

// take returns how many connections had no event since its last call.
func (f *failures) take() (untold uint64) {
	untold, f.untold = f.untold, 0
	f.told.TakeDropped() // untold counts them already
	return untold
}

// end returns the count that is still to be reported.
func (f *failures) end() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.take()
}
