// SPDX-License-Identifier: Apache-2.0

// in: a listener, time, ends of dialled connections · out: connections · one goroutine for
// listening, one for dialling, one for each connection

package server

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// listen accepts connections, while there are slots for their handshakes.
func (s *Server) listen(ctx context.Context, l net.Listener) {
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	defer l.Close()
	slots := make(chan struct{}, s.cfg.MaxPending)
	for ctx.Err() == nil {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		c, err := l.Accept()
		if err != nil { // the listener is closed, or we are out of file descriptors: look again
			<-slots
			pause(ctx, acceptPause)
			continue
		}
		conn := &connection{server: s, stream: c, addr: addrOf(c), inbound: true, began: time.Now()}
		conn.handshaken = func() { <-slots }
		s.conns.Go(func() { conn.run(ctx) })
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
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

// dialEnd tells the dial loop what became of a dial.
type dialEnd struct {
	task       *task
	handshaken bool // it holds no dial slot any more
	over       bool // the connection has ended
	wasUp      bool
	retry      time.Duration
}

// dialLoop keeps the static nodes connected. It owns the dialer and has one timer.
func (s *Server) dialLoop(ctx context.Context) {
	d := newDialer(s.self, s.cfg.Static, s.cfg.MaxPending)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case e := <-s.ends:
			if e.over {
				d.onEnd(time.Now(), e.task, e.handshaken, e.wasUp, e.retry)
			} else {
				d.onHandshaken(e.task)
			}
		}
		for _, t := range d.due(time.Now(), s.admission.pointless) {
			s.conns.Go(func() { s.runDial(ctx, t) })
		}
		if at, ok := d.deadline(); ok {
			timer.Reset(max(0, time.Until(at)))
		}
	}
}

func (s *Server) runDial(ctx context.Context, t *task) {
	c := &connection{server: s, node: &t.node, began: time.Now()}
	handshaken := false
	c.handshaken = func() {
		handshaken = true
		s.tell(ctx, dialEnd{task: t})
	}
	retry, wasUp := c.run(ctx)
	s.tell(ctx, dialEnd{task: t, over: true, handshaken: handshaken, wasUp: wasUp, retry: retry})
}

func (s *Server) tell(ctx context.Context, e dialEnd) {
	select {
	case s.ends <- e:
	case <-ctx.Done():
	}
}
