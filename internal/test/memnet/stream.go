// SPDX-License-Identifier: Apache-2.0

package memnet

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// stream is one end of a connection.
type stream struct {
	in        <-chan []byte
	took      chan<- int // how much of it
	out       chan<- []byte
	taken     <-chan int
	closed    chan struct{}
	hungUp    <-chan struct{} // the other end's closed
	once      sync.Once
	readTime  deadline
	writeTime deadline
}

// ErrRefused is what a dial of a place where nobody listens comes back with, as a real one does:
// an error that says itself that it is the network's.
var ErrRefused error = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}

// Pipe returns the two ends of a connection.
func Pipe() (a, b net.Conn) {
	x, y := newPipe()
	return x, y
}

func newPipe() (a, b *stream) {
	ab, ba := make(chan []byte), make(chan []byte)
	ofAB, ofBA := make(chan int), make(chan int)
	a = &stream{in: ba, took: ofBA, out: ab, taken: ofAB, closed: make(chan struct{})}
	b = &stream{in: ab, took: ofAB, out: ba, taken: ofBA, closed: make(chan struct{}), hungUp: a.closed}
	a.hungUp = b.closed
	return a, b
}

// deadline can be changed while somebody waits for it.
type deadline struct {
	mu      sync.Mutex
	at      time.Time
	changed chan struct{} // closed with the next change; nil = nobody waits
}

func (d *deadline) set(at time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.at = at; d.changed != nil {
		close(d.changed)
		d.changed = nil
	}
	return nil
}

// wait returns when to look again, and a timer that the caller must stop.
func (d *deadline) wait() (changed <-chan struct{}, passed *time.Timer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.changed == nil {
		d.changed = make(chan struct{})
	}
	left := 24 * time.Hour
	if !d.at.IsZero() {
		left = max(0, time.Until(d.at))
	}
	return d.changed, time.NewTimer(left)
}

func (s *stream) Read(b []byte) (int, error) {
	for {
		select {
		case <-s.closed:
			return 0, io.ErrClosedPipe
		default:
		}
		changed, passed := s.readTime.wait()
		select {
		case data := <-s.in:
			passed.Stop()
			n := copy(b, data)
			s.took <- n
			return n, nil
		case <-s.closed:
		case <-changed:
		case <-s.hungUp:
			passed.Stop()
			return 0, io.EOF
		case <-passed.C:
			return 0, os.ErrDeadlineExceeded
		}
		passed.Stop()
	}
}

func (s *stream) Write(b []byte) (n int, err error) {
	for len(b) > 0 {
		select {
		case <-s.closed:
			return n, io.ErrClosedPipe
		default:
		}
		changed, passed := s.writeTime.wait()
		select {
		case s.out <- b:
			took := <-s.taken
			n, b = n+took, b[took:]
		case <-s.closed:
		case <-changed:
		case <-s.hungUp:
			passed.Stop()
			return n, io.ErrClosedPipe
		case <-passed.C:
			return n, os.ErrDeadlineExceeded
		}
		passed.Stop()
	}
	return n, nil
}

func (s *stream) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

func (s *stream) SetDeadline(t time.Time) error {
	_ = s.readTime.set(t)
	return s.writeTime.set(t)
}

func (s *stream) SetReadDeadline(t time.Time) error { return s.readTime.set(t) }

func (s *stream) SetWriteDeadline(t time.Time) error { return s.writeTime.set(t) }

func (s *stream) LocalAddr() net.Addr { return &net.TCPAddr{} }

func (s *stream) RemoteAddr() net.Addr { return &net.TCPAddr{} }
