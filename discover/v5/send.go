// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v5wire"
)

// request sends a message when no other request to the node is pending, and calls done once, now or later.
func (m *machine) request(now time.Time, to kad.Contact, message v5wire.Message, done func(time.Time, response)) {
	addr, ok := to.Addr()
	if !ok || to.Node.Key.IsZero() || to.ID == m.self {
		done(now, response{err: ErrAddress})
		return
	}
	c := &request{to: to, addr: addr, message: message, done: done}
	if m.requests.add(c) {
		m.send(now, c)
	}
}

// requestExternal is request with the bounds of callers.
func (m *machine) requestExternal(now time.Time, to kad.Contact, message v5wire.Message, done func(time.Time, response)) {
	if !m.requests.room(to.ID) {
		done(now, response{err: ErrBusy})
		return
	}
	m.requests.asked++
	m.request(now, to, message, func(now time.Time, r response) {
		m.requests.asked--
		done(now, r)
	})
}

func (m *machine) send(now time.Time, c *request) {
	out, nonce, err := m.codec.AppendMessage(m.out[:0], c.to.ID, c.addr, c.message)
	if err != nil {
		m.end(now, c, response{err: err})
		return
	}
	m.requests.sent(now, c, nonce)
	m.write(c.addr, out)
}

// end ends a request and sends the next in line for the node.
func (m *machine) end(now time.Time, c *request, r response) {
	next := m.requests.remove(c)
	c.done(now, r)
	if next != nil {
		m.send(now, next)
	}
}

// onChallenge answers WHOAREYOU with a handshake packet that repeats the request
// (devp2p/discv5/discv5-theory.md#handshake-steps). A challenge with an unknown nonce, from another address, or after a handshake packet
// is ignored.
func (m *machine) onChallenge(now time.Time, from netip.AddrPort, challenge *v5wire.Challenge) {
	c := m.requests.challenged(challenge.Nonce)
	if c == nil || c.addr != from || c.proved {
		return
	}
	c.proved = true
	out, nonce, err := m.codec.AppendHandshake(m.out[:0], c.to.Node, c.addr, challenge, c.message)
	if err != nil {
		m.end(now, c, response{err: err})
		return
	}
	m.requests.sent(now, c, nonce)
	m.write(c.addr, out)
}

// onTimeout ends a request that timed out. A Findnode with some of its Nodes succeeds.
func (m *machine) onTimeout(now time.Time, c *request) {
	if c.nodes.parts > 0 {
		m.onAllNodes(now, c)
		return
	}
	if !c.proved {
		m.requests.spent.Put(c.nonce, c.to.ID)
	}
	m.end(now, c, response{err: ErrTimeout})
}
