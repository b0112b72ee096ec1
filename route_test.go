// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/discover"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/params"
)

// unrouted is a socket that cannot send while it is down.
type unrouted struct {
	discover.Socket
	down atomic.Bool
}

func (s *unrouted) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if s.down.Load() {
		return 0, &net.OpError{Op: "write", Err: syscall.ENETUNREACH}
	}
	return s.Socket.WriteToUDPAddrPort(b, to)
}

// TestRouteOfDiscoveryReachesTheServer: a machine without a route to the Internet has one trouble, and one
// end of it. The server records them: it must know of the route, so that failed dials blame no node.
func TestRouteOfDiscoveryReachesTheServer(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		self := netip.MustParseAddr("19.1.1.1")
		socket := &unrouted{Socket: memnet.NewDatagrams().Listen(netip.AddrPortFrom(self, peers.Port))}
		socket.down.Store(true)
		chain, _ := params.ByName("mainnet")
		var boot []enr.Node
		for i := range 4 {
			key, err := nodeKey(append(make([]byte, 31), byte(50+i)))
			if err != nil {
				t.Fatal(err)
			}
			boot = append(boot, enr.Node{Key: key.Public(), IP: netip.AddrFrom4([4]byte{20, byte(i), 1, 1}), UDP: 30303, TCP: 30303})
		}
		var mu sync.Mutex
		var troubles []event.Trouble
		n, err := build(Config{
			Chain: chain, Key: append(make([]byte, 31), 7), MaxPeers: 10, External: self,
			Discovery: Discovery{V4: true, V5: true, Bootnodes: boot},
			Record: func(e event.Event) {
				if trouble, ok := e.(event.Trouble); ok && trouble.Where == event.TroubleNetwork {
					mu.Lock()
					defer mu.Unlock()
					troubles = append(troubles, trouble)
				}
			},
		}, seams{socket: socket, dial: func(context.Context, netip.AddrPort) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: syscall.ENETUNREACH}
		}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- n.Run(ctx) }()
		count := func() int {
			mu.Lock()
			defer mu.Unlock()
			return len(troubles)
		}
		time.Sleep(10 * time.Minute)
		if count() != 1 || troubles[0].Over || !strings.Contains(troubles[0].Err, "discovery cannot send") {
			t.Errorf("without a route: %+v", troubles)
		}
		socket.down.Store(false)
		time.Sleep(10 * time.Minute)
		if count() != 2 || !troubles[1].Over {
			t.Errorf("with a route again: %+v", troubles)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
