// SPDX-License-Identifier: Apache-2.0

package server

import (
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// A server without nodes to dial learns only from discovery that there is no route. Each change is reported
// once, combined with the results of dials.
func TestRouteOfDiscovery(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		want := func(what string, over ...bool) {
			t.Helper()
			time.Sleep(time.Minute) // in a bubble
			b.mu.Lock()
			defer b.mu.Unlock()
			if len(b.troubles) != len(over) {
				t.Fatalf("%s: %+v", what, b.troubles)
			}
			for i, e := range b.troubles {
				if e.Where != event.TroubleNetwork || e.Over != over[i] || !e.Over && !strings.Contains(e.Err, "discovery cannot send") {
					t.Errorf("%s: %+v", what, e)
				}
			}
		}
		want("at the start")
		b.SetRoute(&net.OpError{Op: "write", Addr: net.UDPAddrFromAddrPort(netip.MustParseAddrPort("9.9.9.9:30303")), Err: syscall.ENETUNREACH})
		b.SetRoute(&net.OpError{Op: "write", Err: syscall.ENETUNREACH})
		want("without a route", false)
		b.SetRoute(nil)
		want("with a route", false, true)
		b.SetRoute(nil)
		want("with a route still", false, true)
	})
}
