// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
)

// statusTimeout bounds the wait for the peer's Status (devp2p/caps/eth.md#status-0x00).
const statusTimeout = 5 * time.Second

// A Session is the eth protocol with one peer. It is a p2p.Handler.
type Session struct {
	proto     *Protocol
	peer      *p2p.Peer
	version   wire.Version
	dialect   wire.Dialect
	handshake Handshake

	// owner: reader
	storage wire.Storage
	theirs  wire.Status // immutable once seen is set
	seen    bool        // their Status was accepted

	// owner: owner; the reader looks up listeners, which change only while it waits
	up        bool
	listeners []Listener // of the roles, in their order
	deadline  time.Time  // for their Status

	head     atomic.Pointer[PeerHead]
	requests requests // any goroutine
	answers  answers  // reader fills, writer drains
	outbox   outbox   // any goroutine fills, writer drains
}

func newSession(p *Protocol, peer *p2p.Peer, v wire.Version) *Session {
	s := &Session{proto: p, peer: peer, version: v, dialect: wire.DialectOf(p.cfg.Chain), handshake: p.Handshake(v)}
	s.requests.start(v, p.cfg.RequestIDs(), peer)
	s.outbox.version = v
	s.storage.Dialect = s.dialect
	s.answers.start(peer, v, s.handshake.Append(nil))
	return s
}

// ID returns the peer's node ID.
func (s *Session) ID() enr.ID { return s.peer.ID() }

// Source names the peer in events.
func (s *Session) Source() event.Source { return s.peer.Source() }

// Addr returns the address that the connection is with.
func (s *Session) Addr() netip.AddrPort { return s.peer.Addr() }

// Version returns the eth version that was negotiated.
func (s *Session) Version() wire.Version { return s.version }

// Budget is what a role charges for the data of the peer that it keeps; nil = memory is not counted.
// See p2p.Budget.Charge.
func (s *Session) Budget() *p2p.Budget { return s.peer.Budget() }

// Inbound reports whether the peer connected to us.
func (s *Session) Inbound() bool { return s.peer.Inbound() }

// Chain returns the chain that the session is about. The caller must not change it.
func (s *Session) Chain() *params.Chain { return s.proto.cfg.Chain }

// Status returns the peer's Status. The caller must not change it.
func (s *Session) Status() *wire.Status { return &s.theirs }

// Fail ends the session; the first cause counts. It may be called from anywhere.
func (s *Session) Fail(cause error) { s.peer.End(cause) }

// Done is closed when the session begins to end.
func (s *Session) Done() <-chan struct{} { return s.peer.Done() }

// Cause returns why the session ended, or nil while it runs.
func (s *Session) Cause() error { return s.peer.Cause() }

// Receive implements p2p.Handler.
func (s *Session) Receive(code uint64, payload []byte) (p2p.Step, error) {
	if !s.seen {
		return s.receiveStatus(code, payload)
	}
	row, ok := s.storage.Dialect.Lookup(s.version, code)
	switch {
	case !ok:
		return nil, p2p.Breach("message code %#x does not exist in eth/%d", code, s.version)
	case row.Kind == wire.KindStatus:
		return nil, p2p.Breach("a second status")
	case len(payload) > row.Bytes: // here, for those that no role decodes
		return nil, p2p.Breach("%v of %d bytes: the limit is %d", row.Kind, len(payload), row.Bytes)
	case row.IsReply():
		return nil, s.requests.deliver(time.Now(), row, payload)
	}
	role := s.proto.roles[row.Kind]
	if role == none && row.Kind != wire.KindBlockRangeUpdate {
		return nil, nil
	}
	msg, err := s.storage.Decode(s.version, code, payload)
	if err != nil {
		return nil, p2p.Breach("%v: %w", row.Kind, err)
	}
	if update, ok := msg.(*wire.BlockRangeUpdate); ok {
		s.onRange(update)
	}
	if role != none {
		err = s.listeners[role].On(msg)
	}
	s.storage.Release()
	return nil, err
}

func (s *Session) receiveStatus(code uint64, payload []byte) (p2p.Step, error) {
	theirs, err := s.handshake.Receive(code, payload)
	if ours := &s.handshake.ours.status; s.version >= 64 && theirs.Genesis == ours.Genesis && theirs.NetworkID == ours.NetworkID {
		s.proto.watchForks(time.Now(), s.peer.Addr().Addr(), theirs.ForkID)
	}
	if err != nil {
		return nil, err
	}
	s.theirs, s.seen = theirs, true
	s.onStatus(&theirs)
	return (*establish)(s), nil
}

// establish is the step that makes a session known, on the owner.
type establish Session

func (e *establish) Run(time.Time) error {
	s := (*Session)(e)
	s.up = true
	s.deadline = time.Time{}
	s.proto.set.add(s) // first: a listener of PeerUp may look the session up
	s.peer.Up(event.StageEth, uint(s.version))
	for _, role := range s.proto.cfg.Roles {
		s.listeners = append(s.listeners, role.Open(s))
	}
	return nil
}

// Tick implements p2p.Handler: it enforces the deadline of the peer's Status, then those of requests.
func (s *Session) Tick(now time.Time) (time.Time, error) {
	if s.up {
		return s.requests.expire(now), nil
	}
	if s.deadline.IsZero() {
		s.deadline = now.Add(statusTimeout)
	}
	if !now.Before(s.deadline) {
		return time.Time{}, &p2p.LocalClose{Reason: p2p.ReasonTimeout, Why: "no status within 5 s"}
	}
	return s.deadline, nil
}

// Close implements p2p.Handler.
func (s *Session) Close(cause error) {
	unasked, late := s.requests.fail(cause)
	s.lost("reply.unasked", unasked)
	s.lost("reply.late", late)
	s.lost("answer.empty", s.answers.close())
	s.outbox.report(s.lost)
	if !s.up {
		return
	}
	for _, l := range slices.Backward(s.listeners) {
		l.Close(cause)
	}
	s.proto.set.remove(s)
}

// lost reports what was dropped, if anything was.
func (s *Session) lost(where string, count uint64) {
	if count > 0 {
		s.proto.cfg.Record.Record(event.Loss{At: event.At{Time: time.Now()}, Where: where, Count: count})
	}
}
