// SPDX-License-Identifier: Apache-2.0

package bounded

import (
	"net/netip"
	"sync/atomic"
)

// Datagrams is a fixed number of buffers between the reader of a socket and a loop. Its
// overflow policy: what finds all of them in use is dropped and counted. Several goroutines
// may put; one takes.
type Datagrams struct {
	full, empty chan *Datagram
	dropped     atomic.Uint64
}

// A Datagram is in one of the buffers. Data is good until the datagram is freed.
type Datagram struct {
	From netip.AddrPort
	Data []byte

	buffer []byte
}

// NewDatagrams returns so many buffers, of so many bytes each.
func NewDatagrams(count, size int) *Datagrams {
	d := &Datagrams{full: make(chan *Datagram, count), empty: make(chan *Datagram, count)}
	buffers := make([]byte, count*size)
	for i := range count {
		d.empty <- &Datagram{buffer: buffers[i*size : (i+1)*size : (i+1)*size]}
	}
	return d
}

// Put copies a datagram, or drops it. What does not fit into a buffer is cut off. It never
// blocks.
func (d *Datagrams) Put(from netip.AddrPort, data []byte) {
	select {
	case one := <-d.empty:
		one.From = from
		one.Data = one.buffer[:copy(one.buffer, data)]
		d.full <- one // there is room: it has as many places as there are buffers
	default:
		d.dropped.Add(1)
	}
}

// Waiting is where the loop takes datagrams from. Each must be freed.
func (d *Datagrams) Waiting() <-chan *Datagram { return d.full }

// Free gives a buffer back.
func (d *Datagrams) Free(one *Datagram) { d.empty <- one }

// TakeDropped returns how many were dropped since the last call.
func (d *Datagrams) TakeDropped() uint64 { return d.dropped.Swap(0) }
