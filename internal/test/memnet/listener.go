// SPDX-License-Identifier: Apache-2.0

package memnet

import (
	"net"
	"net/netip"
	"sync"
)

// A Listener accepts streams in memory, from any address.
type Listener struct {
	streams chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

// Listen returns a listener.
func Listen() *Listener { return &Listener{streams: make(chan net.Conn), closed: make(chan struct{})} }

// Dial opens a stream that comes from an address, and waits until it is accepted. It fails with [ErrRefused] when the listener is
// closed.
func (l *Listener) Dial(from netip.AddrPort) (net.Conn, error) {
	ours, theirs := newPipe()
	select {
	case l.streams <- addressed{theirs, net.TCPAddrFromAddrPort(from)}:
		return ours, nil
	case <-l.closed:
		return nil, ErrRefused
	}
}

// Accept returns the next stream.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.streams:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept and Dial.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr returns an address of no meaning.
func (l *Listener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 30303} }

// addressed is a stream from an address.
type addressed struct {
	net.Conn
	from net.Addr
}

func (a addressed) RemoteAddr() net.Addr { return a.from }
