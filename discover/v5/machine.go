// SPDX-License-Identifier: Apache-2.0

// in: datagrams, requests of callers, time · out: datagrams, responses, what was learned · owner: the loop

package v5

import (
	"bufio"
	"encoding/binary"
	"io"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v5wire"
	"github.com/ethpeer/ethpeer/enr"
)

// randomAhead is how many random bytes are read at once: one system call for many packets.
const randomAhead = 512

// A machine is the state of a Node, without clock and goroutine. Its on methods handle one event
// each; they write datagrams to cfg.Conn before they return.
type machine struct {
	cfg      Config
	self     enr.ID
	rand     io.Reader
	codec    *v5wire.Codec
	record   *enr.Record // the local record, which the codec has
	table    *kad.Table
	rules    kad.Rules
	records  records
	requests requests
	upkeep   upkeep
	search   kad.Search
	iterator iterator
	losses   losses
	publish  func(*machine) // shows the table to other goroutines

	out []byte // buffer of the last datagram, reused
	// The most frequent responses, reused.
	pong v5wire.Pong
	talk v5wire.TalkResp
}

func newMachine(now time.Time, cfg Config) *machine {
	cfg.setDefaults()
	m := &machine{
		cfg:      cfg,
		self:     enr.IDOf(cfg.Key.Public()),
		rand:     bufio.NewReaderSize(cfg.Rand, randomAhead),
		record:   cfg.Self(),
		rules:    kad.Rules{Restrict: cfg.Restrict},
		records:  newRecords(),
		requests: newRequests(),
		iterator: iterator{Iterator: kad.NewIterator(now)},
	}
	m.codec = v5wire.NewCodec(m.rand, cfg.Key, m.record)
	m.table = kad.New(now, kad.Config{Self: m.self, Rules: m.rules, Choose: m.choose})
	m.search = kad.Search{Self: m.self, Table: m.table, Ask: m.askNeighbors, Do: m.act, Found: m.onFound}
	return m
}

// choose returns a random number from 0 to n-1, or 0 if Rand fails.
func (m *machine) choose(n int) int {
	var b [8]byte
	_, _ = io.ReadFull(m.rand, b[:])
	return int(binary.BigEndian.Uint64(b[:]) % uint64(n))
}

func (m *machine) newRequestID() v5wire.RequestID {
	var b [8]byte
	_, _ = io.ReadFull(m.rand, b[:]) // without randomness no packet can be encrypted
	return v5wire.RequestIDOf(b[:])
}

func (m *machine) randomID() (id enr.ID) {
	_, _ = io.ReadFull(m.rand, id[:])
	return id
}

// sync updates the local record if it has changed. Each event begins with sync.
func (m *machine) sync() {
	if r := m.cfg.Self(); r != m.record {
		m.record = r
		m.codec.SetRecord(r)
	}
}

func (m *machine) write(to netip.AddrPort, datagram []byte) {
	m.out = datagram // keep the buffer
	if _, err := m.cfg.Conn.WriteToUDPAddrPort(datagram, to); err != nil {
		m.losses.send++
	}
}

// onDatagram decodes and handles a datagram, which is borrowed (devp2p/discv5/discv5-wire.md#packet-encoding).
func (m *machine) onDatagram(now time.Time, from netip.AddrPort, datagram []byte) {
	m.sync()
	from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	if p, err := m.codec.Decode(now, from, datagram); err == nil {
		m.onPacket(now, from, p)
	}
}

func (m *machine) onPacket(now time.Time, from netip.AddrPort, p v5wire.Packet) {
	switch {
	case p.Challenge != nil:
		m.onChallenge(now, from, p.Challenge)
	case p.Message == nil:
		m.challenge(now, from, p)
	default:
		if p.Record != nil {
			m.onProof(now, from, p)
		}
		m.onMessage(now, from, p.From, p.Message)
	}
}

// challenge sends WHOAREYOU in answer to a message packet that cannot be decrypted
// (devp2p/discv5/discv5-theory.md#handshake-steps). WHOAREYOU is never longer than the packet.
func (m *machine) challenge(now time.Time, from netip.AddrPort, p v5wire.Packet) {
	out, err := m.codec.AppendWhoareyou(m.out[:0], now, p.From, from, p.Nonce, m.records.latest(p.From))
	if err == nil {
		m.write(from, out)
	}
}

// onProof offers a node that completed a handshake to the table: the handshake proves its ID and its address
// (devp2p/discv5/discv5-wire.md#handshake-message-packet-flag--2). The record's signature is verified when the node enters the table.
func (m *machine) onProof(now time.Time, from netip.AddrPort, p v5wire.Packet) {
	if n, ok := p.Record.NodeAt(from); ok {
		m.act(now, m.table.OnProven(now, kad.Contact{ID: p.From, Node: n, Unverified: p.Record}))
	}
}

func (m *machine) onMessage(now time.Time, from netip.AddrPort, id enr.ID, message v5wire.Message) {
	switch message := message.(type) {
	case *v5wire.Ping:
		m.onPing(from, id, message)
	case *v5wire.Findnode:
		m.onFindnode(from, id, message)
	case *v5wire.TalkReq:
		m.onTalkReq(from, id, message)
	default:
		m.onResponse(now, from, id, message)
	}
}

// onTick ends requests that timed out, and runs due actions of the table and the iterator.
func (m *machine) onTick(now time.Time) {
	m.sync()
	for c := m.requests.due(now); c != nil; c = m.requests.due(now) {
		m.onTimeout(now, c)
	}
	m.act(now, m.table.OnTick(now))
	m.advance(now)
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
