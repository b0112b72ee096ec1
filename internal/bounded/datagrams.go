// SPDX-License-Identifier: Apache-2.0

package bounded

import (
	"hash/maphash"
	"net/netip"
	"sync/atomic"

	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// Parts of the buffers that the datagrams of one network may fill: a quarter for an IPv4 /24 or IPv6 /64, half for an IPv4 /16 or
// IPv6 /32. Local networks are exempt. A datagram that finds less than an eighth in use is not counted, which saves time while
// there is no flood.
const (
	narrowPart = 4
	widePart   = 2
	idlePart   = 8
)

// networkSlots is how many counters there are for networks. Networks with one hash share a counter; the hash has a secret.
const networkSlots = 1024

// Datagrams is a fixed number of buffers between the reader of a socket and a loop. Its
// overflow policy: a datagram that finds all buffers in use, or the share of its network, is dropped and counted. Several goroutines
// may put; one takes.
type Datagrams struct {
	full, empty  chan *Datagram
	dropped      atomic.Uint64
	seed         maphash.Seed
	narrow, wide counters
}

// A Datagram is in one of the buffers. Data is good until the datagram is freed.
type Datagram struct {
	From netip.AddrPort
	Data []byte

	buffer       []byte
	narrow, wide int // counters that count it; -1 = none
}

// counters count the buffers in use by the hash of a network.
type counters struct {
	of   [networkSlots]atomic.Int32
	most int32
}

// add counts one more, and reports false if that is too many.
func (c *counters) add(i int) bool {
	if i < 0 {
		return true
	}
	if c.of[i].Add(1) <= c.most {
		return true
	}
	c.of[i].Add(-1)
	return false
}

func (c *counters) remove(i int) {
	if i >= 0 {
		c.of[i].Add(-1)
	}
}

// NewDatagrams returns so many buffers, of so many bytes each.
func NewDatagrams(count, size int) *Datagrams {
	d := &Datagrams{full: make(chan *Datagram, count), empty: make(chan *Datagram, count), seed: maphash.MakeSeed()}
	d.narrow.most, d.wide.most = int32(max(count/narrowPart, 1)), int32(max(count/widePart, 1))
	buffers := make([]byte, count*size)
	for i := range count {
		d.empty <- &Datagram{buffer: buffers[i*size : (i+1)*size : (i+1)*size]}
	}
	return d
}

// Put copies a datagram, or drops it. What does not fit into a buffer is cut off. It never
// blocks.
func (d *Datagrams) Put(from netip.AddrPort, data []byte) {
	narrow, wide := -1, -1
	if len(d.full) >= cap(d.full)/idlePart {
		group := netgroup.Of(from.Addr())
		narrow, wide = d.slot(group.Narrow), d.slot(group.Wide)
	}
	if !d.narrow.add(narrow) {
		d.dropped.Add(1)
		return
	}
	if !d.wide.add(wide) {
		d.narrow.remove(narrow)
		d.dropped.Add(1)
		return
	}
	select {
	case one := <-d.empty:
		one.From, one.narrow, one.wide = from, narrow, wide
		one.Data = one.buffer[:copy(one.buffer, data)]
		d.full <- one // there is room: it has as many places as there are buffers
	default:
		d.narrow.remove(narrow)
		d.wide.remove(wide)
		d.dropped.Add(1)
	}
}

// slot returns the counter of a network, or -1 for none.
func (d *Datagrams) slot(network netip.Prefix) int {
	if !network.IsValid() {
		return -1
	}
	b := network.Addr().As16()
	return int(maphash.Bytes(d.seed, b[:]) % networkSlots)
}

// Waiting is where the loop takes datagrams from. Each must be freed.
func (d *Datagrams) Waiting() <-chan *Datagram { return d.full }

// Free gives a buffer back.
func (d *Datagrams) Free(one *Datagram) {
	d.narrow.remove(one.narrow)
	d.wide.remove(one.wide)
	d.empty <- one
}

// TakeDropped returns how many were dropped since the last call.
func (d *Datagrams) TakeDropped() uint64 { return d.dropped.Swap(0) }
