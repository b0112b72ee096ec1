// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"context"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
)

// A Peer is a connection on which Hellos have been exchanged. [Peer.Run] runs it.
type Peer struct {
	id      enr.ID
	hello   *Hello
	addr    netip.AddrPort
	inbound bool
	began   time.Time
	t       Transport
	budget  *Budget
	matches []match

	// ended is cancelled with the first cause; later causes are dropped.
	ended context.Context
	end   context.CancelCauseFunc

	schedule   schedule      // owner: the owner until the writer starts, then the writer
	wake       chan struct{} // holds one token: there may be something to send
	reschedule chan struct{} // holds one token: a handler wants its Tick
	pongs      atomic.Int32  // pings that the writer has yet to answer
	pings      atomic.Int32  // pings of ours that are due
	steps      chan Step     // reader to owner, one at a time
	stepped    chan struct{} // owner to reader: the step has run
	opened     []*running    // in the order of matches; owner: the owner, until it starts the reader
	unsent     []unsent      // owner: the writer
	onUp       func(stage event.Stage, version uint)
	onMsg      func(MessageEvent)
}

// running is a protocol at work.
type running struct {
	match
	handler Handler
	next    time.Time // when it wants a Tick; zero = not
}

// Config describes a connection and what runs on it.
type Config struct {
	ID        enr.ID
	Hello     *Hello // of the remote side
	Addr      netip.AddrPort
	Inbound   bool
	Began     time.Time // when the connection began
	Protocols []Protocol

	// Budget is shared by all peers. Nil = only RLPx bounds this peer's memory.
	Budget *Budget

	// OnMessage is called for each protocol message that is sent (by the writer) or received (by the reader),
	// possibly at the same time. It must not block. May be nil.
	OnMessage func(MessageEvent)

	// Up is called by [Peer.Up], on the owner. May be nil.
	Up func(stage event.Stage, version uint)
}

// NewPeer prepares a peer over a transport that has exchanged Hellos. It reports
// ReasonUseless, as a LocalClose, if no protocol is shared.
func NewPeer(t Transport, cfg Config) (*Peer, error) {
	p := &Peer{
		id: cfg.ID, hello: cfg.Hello, addr: cfg.Addr, inbound: cfg.Inbound, began: cfg.Began, t: t, budget: cfg.Budget,
		matches:    matchProtocols(cfg.Protocols, cfg.Hello.Caps),
		wake:       make(chan struct{}, 1),
		reschedule: make(chan struct{}, 1),
		steps:      make(chan Step), stepped: make(chan struct{}),
		onUp: cfg.Up, onMsg: cfg.OnMessage,
	}
	p.ended, p.end = context.WithCancelCause(context.Background())
	if len(p.matches) == 0 && len(cfg.Protocols) > 0 {
		return nil, &LocalClose{Reason: ReasonUseless, Why: "no protocol in common"}
	}
	t.SetSnappy(cfg.Hello.Version >= snappyVersion)
	t.Limit(Limits{Payload: p.largest(), Reason: ReasonSubprotocol, Admit: p.admit, Budget: cfg.Budget})
	return p, nil
}

// ID returns the peer's node ID, which the handshake has proved.
func (p *Peer) ID() enr.ID { return p.id }

// Client returns the name that the peer gave itself: at most 128 bytes, printable.
func (p *Peer) Client() string { return p.hello.Client }

// Caps returns the capabilities of the peer's Hello. The caller must not change them.
func (p *Peer) Caps() []Cap { return p.hello.Caps }

// Shared returns the protocols that run on the connection, sorted by name.
func (p *Peer) Shared() []Cap {
	var all []Cap
	for _, m := range p.matches {
		all = append(all, m.cap())
	}
	return all
}

// Addr returns the remote address; the zero value over a pipe.
func (p *Peer) Addr() netip.AddrPort { return p.addr }

// Traffic returns how many bytes were received and sent on the connection since the RLPx handshake; 0 over a
// pipe. Any goroutine may call it.
func (p *Peer) Traffic() (received, sent uint64) {
	if t, ok := p.t.(interface{ Traffic() (uint64, uint64) }); ok {
		return t.Traffic()
	}
	return 0, 0
}

// Inbound reports whether the remote side opened the connection.
func (p *Peer) Inbound() bool { return p.inbound }

// Began returns when the connection began.
func (p *Peer) Began() time.Time { return p.began }

// Source names the peer in events.
func (p *Peer) Source() event.Source { return event.Source{Peer: p.id, Client: p.hello.Client} }

// Budget returns Config.Budget, which may be nil. Protocols charge to it the messages that they keep after
// Receive has returned.
func (p *Peer) Budget() *Budget { return p.budget }

// Lane registers a source of messages. Only [Protocol.Open] may call it, for the handler that it is about to
// return.
func (p *Peer) Lane(priority Priority, source Lane) {
	m := &p.matches[len(p.opened)]
	l := lane{source: source, offset: m.offset, length: uint64(m.version.Length), protocol: m.cap()}
	l.confirm, _ = source.(confirmer)
	p.schedule.add(priority, l)
}

// Wake tells the writer that a lane may have a message. Any goroutine may call it, and it never blocks.
func (p *Peer) Wake() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Reschedule makes the owner call Tick soon, after another goroutine has changed a handler's
// deadline. Any goroutine may call it, and it never blocks.
func (p *Peer) Reschedule() {
	select {
	case p.reschedule <- struct{}{}:
	default:
	}
}

// End ends the peer. Only the first cause counts: it decides which Disconnect is sent
// (devp2p/rlpx.md#disconnect-0x01), and Run returns it. Any goroutine may call End, and it never blocks.
func (p *Peer) End(cause error) { p.end(cause) }

// Done is closed when the peer begins to end.
func (p *Peer) Done() <-chan struct{} { return p.ended.Done() }

// Cause returns why the peer ended, or nil while it runs.
func (p *Peer) Cause() error { return context.Cause(p.ended) }

// Up calls Config.Up, to report that a protocol's own handshake has succeeded. Protocols
// call it on the owner.
func (p *Peer) Up(stage event.Stage, version uint) {
	if p.onUp != nil {
		p.onUp(stage, version)
	}
}
