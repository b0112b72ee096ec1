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
	callTimeout = 700 * time.Millisecond // begins again when a handshake is sent, and with each Nodes

	// maxSpent bounds the nonces of calls that were not answered. The oldest makes room.
	maxSpent = 1024

	// Questions of others than ourselves. Our own are bounded by what asks them: one check for
	// each entry of the table, three for each lookup.
	maxCalls = 1024 // that are under way or wait
	maxLine  = 16   // with one node
)

// A call is a request and the wait for its answer.
type call struct {
	to      kad.Contact
	addr    netip.AddrPort // of to
	request v5wire.Message
	done    func(now time.Time, r reply)

	nonce  v5wire.Nonce // of the packet that was sent last
	proved bool         // it was a handshake, of which there is one
	due    time.Time
	slot   *list.Element // nil: waits in line
	nodes  gathering
}

// A reply is how a call ended.
type reply struct {
	err   error
	seq   uint64        // of the Pong
	found []kad.Contact // of all Nodes: verified, and at the distances that were asked for
	data  []byte        // of the TalkResp; borrowed
}

// calls knows the calls that have not ended: one is under way with each node, the others
// wait in line for it. It belongs to the machine.
type calls struct {
	lines  map[enr.ID][]*call // the first is under way
	nonces map[v5wire.Nonce]*call
	order  *list.List // those under way, the first due first
	asked  int        // of others than ourselves

	// spent are the nonces of calls that ended without an answer. While a node waits for the end
	// of a handshake it repeats its WHOAREYOU, with the nonce of the packet that it could not read
	// first. So if that WHOAREYOU is lost, the next call is the one that it must be answered with.
	spent *bounded.Map[v5wire.Nonce, enr.ID]
}

func newCalls() calls {
	return calls{lines: make(map[enr.ID][]*call), nonces: make(map[v5wire.Nonce]*call), order: list.New(), spent: bounded.NewMap[v5wire.Nonce, enr.ID](maxSpent, bounded.DropOldest)}
}

// room reports whether somebody else may call a node.
func (b *calls) room(id enr.ID) bool { return b.asked < maxCalls && len(b.lines[id]) < maxLine }

// add reports whether the call is to begin now.
func (b *calls) add(c *call) bool {
	line := append(b.lines[c.to.ID], c)
	b.lines[c.to.ID] = line
	return len(line) == 1
}

// remove ends the call that is first in its line and returns the next.
func (b *calls) remove(c *call) *call {
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

// sent notes that the call's packet went out, under a nonce.
func (b *calls) sent(now time.Time, c *call, nonce v5wire.Nonce) {
	if c.slot == nil {
		c.slot = b.order.PushBack(c)
	} else {
		delete(b.nonces, c.nonce)
	}
	c.nonce = nonce
	b.nonces[nonce] = c
	b.rearm(now, c)
}

func (b *calls) rearm(now time.Time, c *call) {
	c.due = now.Add(callTimeout)
	b.order.MoveToBack(c.slot)
}

// challenged returns the call that a WHOAREYOU with this nonce asks for, or nil.
func (b *calls) challenged(nonce v5wire.Nonce) *call {
	if c := b.nonces[nonce]; c != nil {
		return c
	}
	if id, ok := b.spent.Get(nonce); ok {
		return b.underWay(id)
	}
	return nil
}

// underWay returns the call that a node is to answer, or nil.
func (b *calls) underWay(id enr.ID) *call {
	if line := b.lines[id]; len(line) > 0 && line[0].slot != nil {
		return line[0]
	}
	return nil
}

func (b *calls) first() *call {
	if e := b.order.Front(); e != nil {
		return e.Value.(*call)
	}
	return nil
}

// due returns a call whose time is up, or nil.
func (b *calls) due(now time.Time) *call {
	if c := b.first(); c != nil && !now.Before(c.due) {
		return c
	}
	return nil
}

func (b *calls) deadline() time.Time {
	if c := b.first(); c != nil {
		return c.due
	}
	return time.Time{}
}

// call sends a request when it is its turn, and calls done once, maybe at once.
func (m *machine) call(now time.Time, to kad.Contact, request v5wire.Message, done func(time.Time, reply)) {
	addr, ok := to.Addr()
	if !ok || to.Node.Key.IsZero() || to.ID == m.self {
		done(now, reply{err: ErrAddress})
		return
	}
	c := &call{to: to, addr: addr, request: request, done: done}
	if m.calls.add(c) {
		m.begin(now, c)
	}
}

// ask is call for others than ourselves.
func (m *machine) ask(now time.Time, to kad.Contact, request v5wire.Message, done func(time.Time, reply)) {
	if !m.calls.room(to.ID) {
		done(now, reply{err: ErrBusy})
		return
	}
	m.calls.asked++
	m.call(now, to, request, func(now time.Time, r reply) {
		m.calls.asked--
		done(now, r)
	})
}

func (m *machine) begin(now time.Time, c *call) {
	out, nonce, err := m.codec.AppendMessage(m.out[:0], c.to.ID, c.addr, c.request)
	if err != nil {
		m.end(now, c, reply{err: err})
		return
	}
	m.calls.sent(now, c, nonce)
	m.send(c.addr, out)
}

// end ends a call and begins the next with the node.
func (m *machine) end(now time.Time, c *call, r reply) {
	next := m.calls.remove(c)
	c.done(now, r)
	if next != nil {
		m.begin(now, next)
	}
}

// onChallenge repeats the request that the node could not read, with a proof of who we are.
// Who does not know the nonce, or has had the proof, is ignored.
func (m *machine) onChallenge(now time.Time, from netip.AddrPort, challenge *v5wire.Challenge) {
	c := m.calls.challenged(challenge.Nonce)
	if c == nil || c.addr != from || c.proved {
		return
	}
	c.proved = true
	out, nonce, err := m.codec.AppendHandshake(m.out[:0], c.to.Node, c.addr, challenge, c.request)
	if err != nil {
		m.end(now, c, reply{err: err})
		return
	}
	m.calls.sent(now, c, nonce)
	m.send(c.addr, out)
}

// onSilence ends a call whose time is up. Some of the nodes are an answer, too.
func (m *machine) onSilence(now time.Time, c *call) {
	if c.nodes.parts > 0 {
		m.onAllNodes(now, c)
		return
	}
	if !c.proved {
		m.calls.spent.Put(c.nonce, c.to.ID)
	}
	m.end(now, c, reply{err: ErrTimeout})
}
