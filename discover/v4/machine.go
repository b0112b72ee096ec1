// SPDX-License-Identifier: Apache-2.0

// in: messages, time, requests of the caller · out: messages, through write; what was learned,
// through the Config · owner: the loop

package v4

import (
	"encoding/binary"
	"io"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/keccak"
)

// A machine is the state of a Node, without socket, clock and goroutine.
type machine struct {
	cfg   *Config
	self  enr.ID
	own   kad.Target // of the local key
	write func(to netip.AddrPort, m v4wire.Message) v4wire.Hash

	endpoints endpoints
	requests  requests
	rules     kad.Rules
	table     *kad.Table
	search    kad.Search
	iterator  iterator

	publish   func(*machine) // shows the table to other goroutines
	published time.Time
}

func newMachine(now time.Time, cfg *Config, write func(netip.AddrPort, v4wire.Message) v4wire.Hash) *machine {
	public := cfg.Key.Public()
	m := &machine{
		cfg: cfg, self: enr.IDOf(public), own: targetOf(public), write: write, endpoints: newEndpoints(), iterator: newIterator(now),
		rules: kad.Rules{Restrict: cfg.Restrict},
	}
	m.table = kad.New(now, kad.Config{Self: m.self, Rules: m.rules, Choose: m.choose})
	m.search = kad.Search{Self: m.self, Table: m.table, Ask: m.askNeighbors, Do: m.act, Found: m.iterator.OnFound}
	return m
}

// targetOf returns the target at distance 0 from a node: Keccak-256 of its public key
// (devp2p/discv4.md#node-identities).
func targetOf(key ecc.PublicKey) kad.Target { return kad.Target{ID: enr.IDOf(key), Key: key.Bytes()} }

// askNeighbors sends a Findnode for the search (devp2p/discv4.md#findnode-packet-0x03).
func (m *machine) askNeighbors(now time.Time, c kad.Contact, target kad.Target, done func(time.Time, []kad.Contact, error)) {
	m.request(now, &request{to: c, kind: v4wire.TypeFindnode, target: target.Key, done: func(now time.Time, a response) {
		done(now, a.found, a.err)
	}})
}

// choose returns a random number below n. The bias of the remainder is at most 2⁻⁵⁰ for the table.
func (m *machine) choose(n int) int {
	var b [8]byte
	m.random(b[:])
	return int(binary.BigEndian.Uint64(b[:]) % uint64(n))
}

func (m *machine) random(b []byte) {
	if _, err := io.ReadFull(m.cfg.Rand, b); err != nil {
		panic(err) // the system has no randomness: no packet would be safe
	}
}

// wanted reports whether a message can have an effect, so that its signer is recovered: it is a request, or
// responds to a pending one.
func (m *machine) wanted(from netip.AddrPort, msg v4wire.Message) bool {
	switch msg.(type) {
	case *v4wire.Ping, *v4wire.Findnode, *v4wire.ENRRequest:
		return true
	}
	return m.requests.expected(from.Addr(), msg) != nil
}

// onMessage handles a wanted message and the key of its signer.
func (m *machine) onMessage(now time.Time, from netip.AddrPort, key ecc.PublicKey, hash v4wire.Hash, msg v4wire.Message) {
	id := enr.IDOf(key)
	m.onSigner(now, from, id)
	if id == m.self {
		return
	}
	switch msg := msg.(type) {
	case *v4wire.Ping:
		m.onPing(now, from, id, key, hash, msg)
	case *v4wire.Findnode:
		m.onFindnode(now, from, id, msg)
	case *v4wire.ENRRequest:
		m.onENRRequest(now, from, id, hash)
	default:
		m.onResponse(now, from, id, msg)
	}
}

// deadline returns when onTick is due. It is the zero time when nothing waits.
func (m *machine) deadline() (earliest time.Time) {
	for _, at := range [...]time.Time{m.table.Deadline(), m.requests.deadline(), m.iterator.deadline()} {
		if !at.IsZero() && (earliest.IsZero() || at.Before(earliest)) {
			earliest = at
		}
	}
	return earliest
}

// onTick ends requests that timed out, and runs due actions of the table and the iterator.
func (m *machine) onTick(now time.Time) {
	for q := m.requests.due(now); q != nil; q = m.requests.due(now) {
		m.onTimeout(now, q)
	}
	m.act(now, m.table.OnTick(now))
	m.advance(now)
}

// act carries out actions of the table (devp2p/discv4.md#kademlia-table).
func (m *machine) act(now time.Time, actions []kad.Action) {
	for _, a := range actions {
		switch a.Kind {
		case kad.Check:
			m.check(now, a.Contact)
		case kad.Refresh:
			m.refresh(now)
		case kad.Store:
			if m.cfg.Stored != nil {
				m.cfg.Stored(now, a.Contact.Node)
			}
		case kad.Added, kad.Removed: // no action is required
		}
	}
}

// check pings a node of the table, unless it has just sent a pong, and requests its record if
// the pong states a higher sequence number (devp2p/discv4.md#pong-packet-0x02, EIP-868).
func (m *machine) check(now time.Time, c kad.Contact) {
	addr, _ := c.Addr()
	if m.endpoints.answered(now, c.ID, addr.Addr()) {
		m.onChecked(now, c, response{})
		return
	}
	m.request(now, &request{to: c, kind: v4wire.TypePing, done: func(now time.Time, a response) { m.onChecked(now, c, a) }})
}

func (m *machine) onChecked(now time.Time, c kad.Contact, a response) {
	if a.err != nil {
		m.act(now, m.table.OnDead(now, c))
		return
	}
	m.act(now, m.table.OnAlive(now, c))
	if m.cfg.Alive != nil {
		m.cfg.Alive(now, c.Node)
	}
	if c.Node.Record != nil && a.seq > c.Node.Record.Seq() {
		m.request(now, &request{to: c, kind: v4wire.TypeENRRequest, done: func(now time.Time, a response) {
			if a.err == nil {
				m.learn(now, c.Node, a.record)
			}
		}})
	}
}

// learn stores a record that the node itself sent from an endpoint, and offers the node to the table. It returns the node.
func (m *machine) learn(now time.Time, at enr.Node, r *enr.Record) enr.Node {
	n := kad.Reached(at, r)
	m.iterator.nodes.Put(r.ID(), foundNode{n, now})
	if c := kad.NewContact(n); c.Node.UDP != 0 {
		m.act(now, m.table.OnProven(now, c))
	}
	return n
}

// refresh looks up the local ID and random targets, beginning with the bootnodes and the seeds
// (devp2p/discv4.md#recursive-lookup).
func (m *machine) refresh(now time.Time) {
	known := m.cfg.Bootnodes
	if m.cfg.Seeds != nil {
		known = append(known[:len(known):len(known)], m.cfg.Seeds(now)...)
	}
	m.search.Refresh(now, known, m.own, m.randomTarget, func(time.Time) {})
}

// randomTarget returns the target of 64 random bytes in place of a public key.
func (m *machine) randomTarget() (target kad.Target) {
	m.random(target.Key[:])
	target.ID = enr.ID(keccak.Sum256(target.Key[:]))
	return target
}
