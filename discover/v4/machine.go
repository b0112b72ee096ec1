// SPDX-License-Identifier: Apache-2.0

// in: messages, time, questions of our own · out: messages, through send; what was learned,
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

// A machine is a node without its socket, its clock and its goroutine.
type machine struct {
	cfg   *Config
	self  enr.ID
	own   kad.Target // of our own key
	write func(to netip.AddrPort, m v4wire.Message) v4wire.Hash

	endpoints endpoints
	requests  requests
	table     *kad.Table
	search    kad.Search
	iterator  iterator
}

func newMachine(now time.Time, cfg *Config, write func(netip.AddrPort, v4wire.Message) v4wire.Hash) *machine {
	public := cfg.Key.Public()
	m := &machine{
		cfg: cfg, self: enr.IDOf(public), own: targetOf(public), write: write, endpoints: newEndpoints(), iterator: newIterator(now),
	}
	m.table = kad.New(now, kad.Config{Self: m.self, Rules: kad.Rules{Restrict: cfg.Restrict}, Choose: m.choose})
	m.search = kad.Search{Self: m.self, Table: m.table, Ask: m.askNeighbors, Do: m.act, Found: m.iterator.OnFound}
	return m
}

// targetOf returns the target that a node is nearest to.
func targetOf(key ecc.PublicKey) kad.Target { return kad.Target{ID: enr.IDOf(key), Key: key.Bytes()} }

// askNeighbors asks a node for nodes near a target, for the search.
func (m *machine) askNeighbors(now time.Time, c kad.Contact, target kad.Target, done func(time.Time, []kad.Contact, error)) {
	m.request(now, &request{to: c, kind: v4wire.TypeFindnode, target: target.Key, done: func(now time.Time, a response) {
		done(now, a.found, a.err)
	}})
}

// choose draws a number below n. The bias of the remainder is 2⁻⁵⁰ for what a table asks.
func (m *machine) choose(n int) int {
	var b [8]byte
	m.random(b[:])
	return int(binary.BigEndian.Uint64(b[:]) % uint64(n))
}

func (m *machine) random(b []byte) {
	if _, err := io.ReadFull(m.cfg.Rand, b); err != nil {
		panic(err) // the system has no randomness: nothing that we do would be safe
	}
}

// wanted reports whether a message is worth checking its signature.
func (m *machine) wanted(from netip.AddrPort, msg v4wire.Message) bool {
	switch msg.(type) {
	case *v4wire.Ping, *v4wire.Findnode, *v4wire.ENRRequest:
		return true
	}
	return m.requests.expected(from.Addr(), msg) != nil
}

// onMessage takes a message that is wanted, with the key that signed it.
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

// onTick does what is due.
func (m *machine) onTick(now time.Time) {
	for q := m.requests.due(now); q != nil; q = m.requests.due(now) {
		m.onTimeout(now, q)
	}
	m.act(now, m.table.OnTick(now))
	m.advance(now)
}

// act carries out what the table wants.
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
		case kad.Added, kad.Removed: // news
		}
	}
}

// check finds out whether a node of the table is alive, and whether its record is new.
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
				m.learn(now, a.record)
			}
		}})
	}
}

// learn takes a record that its node gave us.
func (m *machine) learn(now time.Time, r *enr.Record) {
	m.iterator.records.Put(r.ID(), found{r, now})
	if c := kad.NewContact(r.Node()); c.Node.UDP != 0 {
		m.act(now, m.table.OnProven(now, c))
	}
}

// refresh looks around, from those whom we know without having asked anybody.
func (m *machine) refresh(now time.Time) {
	known := m.cfg.Bootnodes
	if m.cfg.Seeds != nil {
		known = append(known[:len(known):len(known)], m.cfg.Seeds(now)...)
	}
	m.search.Refresh(now, known, m.own, m.randomTarget, func(time.Time) {})
}

// randomTarget returns a target as of a key of random bytes.
func (m *machine) randomTarget() (target kad.Target) {
	m.random(target.Key[:])
	target.ID = enr.ID(keccak.Sum256(target.Key[:]))
	return target
}
