// SPDX-License-Identifier: Apache-2.0

package memnet

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
)

// maxDatagrams is how many wait at an address; what comes then is lost, as on a real
// network.
const maxDatagrams = 1024

// Datagrams is a network that carries them, at once.
type Datagrams struct {
	mu   sync.RWMutex // guards what follows
	at   map[netip.AddrPort]*Packets
	Lost atomic.Uint64
}

// NewDatagrams returns a network where nobody listens.
func NewDatagrams() *Datagrams { return &Datagrams{at: map[netip.AddrPort]*Packets{}} }

// Packets is a socket. It has the methods of a *net.UDPConn that discovery uses.
type Packets struct {
	network *Datagrams
	addr    netip.AddrPort
	queue   chan datagram
	closed  chan struct{}
	once    sync.Once
}

type datagram struct {
	from netip.AddrPort
	data []byte
}

// Listen opens a socket at an address, in the place of one that was there.
func (d *Datagrams) Listen(addr netip.AddrPort) *Packets {
	p := &Packets{network: d, addr: addr, queue: make(chan datagram, maxDatagrams), closed: make(chan struct{})}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at[addr] = p
	return p
}

// ReadFromUDPAddrPort waits for a datagram. What does not fit into b is cut off.
func (p *Packets) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	select {
	case d := <-p.queue:
		return copy(b, d.data), d.from, nil
	case <-p.closed:
		return 0, netip.AddrPort{}, net.ErrClosed
	}
}

// WriteToUDPAddrPort sends a copy of b. That nobody takes it is no error.
func (p *Packets) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	select {
	case <-p.closed:
		return 0, net.ErrClosed
	default:
	}
	p.network.mu.RLock()
	there := p.network.at[to]
	p.network.mu.RUnlock()
	if there == nil {
		return len(b), nil
	}
	select {
	case there.queue <- datagram{p.addr, append([]byte(nil), b...)}:
	default:
		p.network.Lost.Add(1)
	}
	return len(b), nil
}

// LocalAddr returns the address as a *net.UDPAddr.
func (p *Packets) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(p.addr) }

// Close ends the socket.
func (p *Packets) Close() error {
	p.once.Do(func() {
		close(p.closed)
		p.network.mu.Lock()
		defer p.network.mu.Unlock()
		if p.network.at[p.addr] == p {
			delete(p.network.at, p.addr)
		}
	})
	return nil
}
