// SPDX-License-Identifier: Apache-2.0

// in: a listener, time · out: connections · one goroutine

package server

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/event"
)

// Why a connection is closed before its handshake. No Disconnect is sent, because a Disconnect needs a frame
// (devp2p/rlpx.md#framing).
var (
	errThrottled = errors.New("the address connected to us less than 30 seconds ago")
	errCrowded   = errors.New("too many handshakes are under way with the address's network")
)

// listen accepts connections until ctx ends, while there are slots for their handshakes. The connections last
// until stay ends. listen owns the throttle.
func (s *Server) listen(ctx, stay context.Context, l net.Listener) {
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	defer l.Close()
	pending, throttle := newPending(s.cfg.MaxPending), newThrottle()
	for pending.reserve(ctx) {
		c, err := l.Accept()
		if err != nil {
			pending.release()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			pause(ctx, acceptPause) // perhaps there are no file descriptors left: try again
			continue
		}
		s.welcome(stay, c, pending, throttle)
		s.lost("server.throttle", throttle.dropped())
	}
}

// welcome takes over a slot and begins the handshake of a connection, or closes it.
func (s *Server) welcome(ctx context.Context, stream net.Conn, pending *pending, throttle *throttle) {
	now := time.Now()
	c := &connection{server: s, stream: stream, addr: addrOf(stream), inbound: true, began: now}
	ip := c.addr.Addr()
	var why error
	switch {
	case ip.IsValid() && !s.networks.Allow(ip):
		why = errRestricted
	case !pending.enter(ip):
		why = errCrowded
	case !throttle.onAttempt(now, ip):
		pending.leave(ip)
		why = errThrottled
	}
	if why != nil {
		pending.release()
		c.refuse(event.StageAdmit, why)
		return
	}
	c.settled = func(err error) {
		pending.leave(ip)
		pending.release()
		if err == nil {
			s.results <- connResult{local: c.local()}
		}
	}
	s.conns.Go(func() {
		s.results <- connResult{over: true, outcome: c.run(ctx)}
	})
}

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func addrOf(c net.Conn) netip.AddrPort {
	if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		at := a.AddrPort()
		return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	}
	return netip.AddrPort{}
}
