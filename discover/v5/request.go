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
	timeout = 700 * time.Millisecond // begins again when a handshake is sent, and with each Nodes

	// maxSpent bounds the nonces of requests that were not answered. The oldest makes room.
	maxSpent = 1024

	// Questions of others than ourselves. Our own are bounded by what asks them: one check for
	// each entry of the table, three for each lookup.
	maxRequests = 1024 // that are under way or wait
	maxLine     = 16   // with one node
)

// A request is a message that we sent, and the wait for its response.
type request struct {
	to      kad.Contact
	addr    netip.AddrPort // of to
	message v5wire.Message
	done    func(now time.Time, r response)

	nonce    v5wire.Nonce // of the packet that was sent last
	proved   bool         // it was a handshake, of which there is one
	deadline time.Time
	slot     *list.Element // nil: waits in line
	nodes    gathering
}

// A response is the result of a request.
type response struct {
	err   error
	seq   uint64        // of the Pong
	found []kad.Contact // of all Nodes: verified, and at the distances that were asked for
	data  []byte        // of the TalkResp; borrowed
}

// requests holds the requests that have not ended: one is under way with each node, the others
// wait in line for it. It belongs to the machine.
type requests struct {
	lines  map[enr.ID][]*request // the first is under way
	nonces map[v5wire.Nonce]*request
	order  *list.List // those under way, the first due first
	asked  int        // of others than ourselves

	// spent are the nonces of requests that ended without an answer. While a node waits for the end
	// of a handshake it repeats its WHOAREYOU, with the nonce of the packet that it could not read
	// first. So if that WHOAREYOU is lost, the next request is the one that it must be answered with.
	spent *bounded.Map[v5wire.Nonce, enr.ID]
}

func newRequests() requests {
	return requests{lines: make(map[enr.ID][]*request), nonces: make(map[v5wire.Nonce]*request), order: list.New(), spent: bounded.NewMap[v5wire.Nonce, enr.ID](maxSpent, bounded.DropOldest)}
}

// room reports whether somebody else may call a node.
func (b *requests) room(id enr.ID) bool { return b.asked < maxRequests && len(b.lines[id]) < maxLine }

// add reports whether the request is to begin now.
func (b *requests) add(c *request) bool {
	line := append(b.lines[c.to.ID], c)
	b.lines[c.to.ID] = line
	return len(line) == 1
}

// remove ends the request that is first in its line and returns the next.
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

// sent notes that the request's packet went out, under a nonce.
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

// challenged returns the request that a WHOAREYOU with this nonce asks for, or nil.
func (b *requests) challenged(nonce v5wire.Nonce) *request {
	if c := b.nonces[nonce]; c != nil {
		return c
	}
	if id, ok := b.spent.Get(nonce); ok {
		return b.underWay(id)
	}
	return nil
}

// underWay returns the request that a node is to answer, or nil.
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

// due returns a request whose time is up, or nil.
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
