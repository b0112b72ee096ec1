// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"container/list"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v5wire"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/bounded"
)

const (
	timeout = 700 * time.Millisecond // restarts when a handshake is sent, and with each Nodes

	// maxSpent bounds the nonces of requests that timed out. The oldest is dropped.
	maxSpent = 1024

	// Bounds of callers' requests. The machine's own are bounded by their origin: one check for
	// each entry of the table, three for each lookup.
	maxRequests = 1024 // pending or in line, in all
	maxLine     = 16   // for one node
)

// A request is a message that we send, and the wait for its response. Owner: the machine.
type request struct {
	to      kad.Contact
	addr    netip.AddrPort // of to
	message v5wire.Message
	done    func(now time.Time, r response)

	nonce    v5wire.Nonce // of the last packet sent
	proved   bool         // a handshake was sent; a second WHOAREYOU is ignored
	deadline time.Time
	slot     *list.Element // nil: in line, not sent yet
	nodes    gathering
}

// A response is the result of a request.
type response struct {
	err   error
	seq   uint64        // of the Pong
	found []kad.Contact // of all Nodes: verified, at the requested distances
	data  []byte        // of the TalkResp; borrowed
}

// requests holds all requests that have not ended: for each node one is pending, and the others
// wait in line. Owner: the machine.
type requests struct {
	lines  map[enr.ID][]*request // the first is pending
	nonces map[v5wire.Nonce]*request
	order  *list.List // the pending ones, by deadline
	asked  int        // requests of callers

	// spent holds the nonces of requests that timed out. A node that waits for a handshake packet
	// repeats its first WHOAREYOU, with the nonce of the first packet that it could not decrypt
	// (devp2p/discv5/discv5-theory.md#handshake-implementation-considerations). If the first WHOAREYOU was lost, a later request
	// must respond to the repeated one.
	spent *bounded.Map[v5wire.Nonce, enr.ID]
}

func newRequests() requests {
	return requests{lines: make(map[enr.ID][]*request), nonces: make(map[v5wire.Nonce]*request), order: list.New(), spent: bounded.NewMap[v5wire.Nonce, enr.ID](maxSpent, bounded.DropOldest)}
}

// room reports whether there is room for a caller's request to a node.
func (b *requests) room(id enr.ID) bool { return b.asked < maxRequests && len(b.lines[id]) < maxLine }

// add appends a request to the line of its node. It reports whether the request is first and must be sent now.
func (b *requests) add(c *request) bool {
	line := append(b.lines[c.to.ID], c)
	b.lines[c.to.ID] = line
	return len(line) == 1
}

// remove removes the request, which is first in its line, and returns the next, or nil.
func (b *requests) remove(c *request) *request {
	if c.slot != nil {
		b.order.Remove(c.slot)
		delete(b.nonces, c.nonce)
	}
	line := b.lines[c.to.ID][1:]
	if len(line) == 0 {
		delete(b.lines, c.to.ID)
		return nil
	}
	b.lines[c.to.ID] = line
	return line[0]
}

// sent records the nonce of the request's last packet, and restarts its deadline.
func (b *requests) sent(now time.Time, c *request, nonce v5wire.Nonce) {
	if c.slot == nil {
		c.slot = b.order.PushBack(c)
	} else {
		delete(b.nonces, c.nonce)
	}
	c.nonce = nonce
	b.nonces[nonce] = c
	b.rearm(now, c)
}

func (b *requests) rearm(now time.Time, c *request) {
	c.deadline = now.Add(timeout)
	b.order.MoveToBack(c.slot)
}

// challenged returns the request that a WHOAREYOU with this nonce refers to, or nil
// (devp2p/discv5/discv5-wire.md#whoareyou-packet-flag--1).
func (b *requests) challenged(nonce v5wire.Nonce) *request {
	if c := b.nonces[nonce]; c != nil {
		return c
	}
	if id, ok := b.spent.Get(nonce); ok {
		return b.underWay(id)
	}
	return nil
}

// underWay returns the pending request to a node, or nil.
func (b *requests) underWay(id enr.ID) *request {
	if line := b.lines[id]; len(line) > 0 && line[0].slot != nil {
		return line[0]
	}
	return nil
}

func (b *requests) first() *request {
	if e := b.order.Front(); e != nil {
		return e.Value.(*request)
	}
	return nil
}

// due returns a request that timed out, or nil.
func (b *requests) due(now time.Time) *request {
	if c := b.first(); c != nil && !now.Before(c.deadline) {
		return c
	}
	return nil
}

func (b *requests) deadline() time.Time {
	if c := b.first(); c != nil {
		return c.deadline
	}
	return time.Time{}
}
