// SPDX-License-Identifier: Apache-2.0

package discover

import (
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
)

// A routed socket fails to send to the Internet while it is down.
type routed struct {
	Socket
	down atomic.Bool
}

func (s *routed) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if s.down.Load() {
		return 0, &net.OpError{Op: "write", Err: syscall.ENETUNREACH}
	}
	return s.Socket.WriteToUDPAddrPort(b, to)
}

// TestNoRoute: a machine that starts without a route reports it once, by the Finder or Config.Route, and
// reports once that there is a route again.
func TestNoRoute(t *testing.T) {
	for _, hook := range []bool{false, true} {
		bubble.Test(t, func(t *testing.T) {
			var told troubles
			var routes []error // the Finder's goroutine appends; read when it is idle
			var socket *routed
			stop := start(t, memnet.NewDatagrams(), 1, func(c *Config) {
				socket = &routed{Socket: c.Conn}
				socket.down.Store(true)
				c.Conn, c.Record, c.Bootnodes = socket, told.record, append(c.Bootnodes, nodeOf(t, 2), nodeOf(t, 3))
				if hook {
					c.Route = func(err error) { routes = append(routes, err) }
				}
			})
			time.Sleep(long())
			socket.down.Store(false)
			time.Sleep(long())
			stop()
			all := told.take()
			if hook {
				if len(all) != 0 || len(routes) != 2 || !errors.Is(routes[0], syscall.ENETUNREACH) || routes[1] != nil {
					t.Errorf("with Config.Route: %v; events: %+v", routes, all)
				}
				return
			}
			if len(all) != 2 || all[0].Where != event.TroubleNetwork || all[0].Over || all[1].Where != event.TroubleNetwork || !all[1].Over {
				t.Errorf("%+v", all)
			}
		})
	}
}

// TestRouteOfOneFamily: sends that fail among others that succeed, and those to local addresses, are no outage.
func TestRouteOfOneFamily(t *testing.T) {
	var r route
	now := time.Now()
	global, local := netip.MustParseAddr("20.1.1.1"), netip.MustParseAddr("192.168.1.1")
	for range 100 {
		now = now.Add(time.Second)
		for range noRouteSends {
			r.onSend(now, netip.MustParseAddr("2a00::1"), syscall.ENETUNREACH)
		}
		r.onSend(now, local, nil)
		if changed, err := r.check(now); changed {
			t.Fatalf("told %v", err)
		}
		r.onSend(now, global, nil)
	}
	for range 100 {
		now = now.Add(time.Second)
		r.onSend(now, local, syscall.ENETUNREACH)
		r.onSend(now, global, syscall.EPERM)
	}
	if changed, err := r.check(now); changed {
		t.Fatalf("told %v", err)
	}
}
