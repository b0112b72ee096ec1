// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/rlpx"
)

// A Msg is a message of a protocol: a code that counts from the protocol's own zero, and a payload, usually
// an RLP list.
type Msg struct {
	Code    uint64
	Payload []byte
}

// MsgReadWriter reads and writes messages of a protocol, and blocks. It is safe for use by several
// goroutines.
type MsgReadWriter interface {
	// ReadMsg returns the next message. The caller owns its payload. When the connection has ended, ReadMsg
	// returns the messages that had arrived before, and then io.EOF.
	ReadMsg() (Msg, error)

	// WriteMsg sends a message. It returns when the message was written to the connection; there is no
	// acknowledgement. The payload is borrowed until then. A code that the protocol does not have
	// (ErrInvalidCode) and a payload that no frame can carry (rlpx.ErrTooLarge) are bugs of the caller:
	// nothing is sent. When the connection has ended, WriteMsg returns ErrClosed.
	WriteMsg(Msg) error
}

// RunProtocol makes a protocol of a function that reads and writes messages. It costs one goroutine for each
// peer, and a copy of each message. length is the number of the protocol's message codes. Several versions of
// one name are several protocols.
//
// RunProtocol calls run for each peer that speaks the protocol. run should return soon after ctx has ended,
// whose cause says why (context.Cause), or after ReadMsg has returned io.EOF: the connection is over only
// when run has returned. If run returns first, the connection ends, with all other protocols on it:
//
//	nil                         "client quitting", 0x08
//	ErrDecode, ErrInvalidCode   "breach of protocol", 0x02
//	a *Violation or LocalClose  its own reason; see Breach
//	any other error             "subprotocol error", 0x10
//
// Each may be wrapped. Messages that run has not read wait in a queue of 64 messages and 256 KiB. A larger
// message is taken only while ReadMsg waits for it. While the queue is full, nothing is read from the
// connection, which is one stream for all protocols; the package documentation says what that means for
// pings. If run then takes nothing for 30 s, the peer ends. Two run functions that both write more than such
// a queue before they read wait for each other: where both sides may write much, read on a separate
// goroutine.
func RunProtocol(name string, version, length uint, run func(ctx context.Context, p *Peer, rw MsgReadWriter) error) Protocol {
	return &runProtocol{name: name, version: Version{Number: version, Length: length}, run: run}
}

type runProtocol struct {
	name    string
	version Version
	run     func(ctx context.Context, p *Peer, rw MsgReadWriter) error
}

func (r *runProtocol) Name() string { return r.name }

func (r *runProtocol) Versions() []Version { return []Version{r.version} }

// Open implements Protocol.
func (r *runProtocol) Open(p *Peer, _ Version) (Handler, error) {
	s := &runSession{runProtocol: r, peer: p, in: newInbox(), out: newOutbox()}
	p.Lane(runPriority, &s.out)
	return s, nil
}

// runPriority orders messages of run functions after the requests and replies of other protocols.
const runPriority = 2

// runSession is the Handler between a peer and a run function, and the MsgReadWriter of that function.
type runSession struct {
	*runProtocol
	peer    *Peer
	reading sync.Mutex // held by the ReadMsg that waits
	in      inbox
	out     outbox
}

// work runs the function on a goroutine of its own, and then ends the peer.
func (s *runSession) work(ctx context.Context) {
	name := Cap{s.name, s.version.Number}
	err := s.run(ctx, s.peer, s)
	if err == nil {
		s.peer.End(&LocalClose{Reason: ReasonQuitting, Why: name.String() + " returned"})
		return
	}
	s.peer.End(blame(name, err))
}

// blame returns the cause of the end that a run function's error means.
func blame(name Cap, err error) error {
	if _, ok := errors.AsType[*Violation](err); ok {
		return err
	}
	if _, ok := errors.AsType[*LocalClose](err); ok {
		return err
	}
	if errors.Is(err, ErrDecode) || errors.Is(err, ErrInvalidCode) {
		return &Violation{Reason: ReasonProtocol, Err: fmt.Errorf("%v: %w", name, err)}
	}
	return &gaveUp{protocol: name, err: err}
}

// stallTimeout is how long a message waits for a run function that reads nothing: as long as the reader waits
// for a message.
const stallTimeout = readTimeout

// Receive implements Handler. It queues the message, and waits while there is no room.
func (s *runSession) Receive(code uint64, payload []byte) (Step, error) {
	if s.in.offer(code, payload) {
		return nil, nil
	}
	timer := time.NewTimer(stallTimeout)
	defer timer.Stop()
	for {
		select {
		case <-s.in.room:
			if s.in.offer(code, payload) {
				return nil, nil
			}
			timer.Reset(stallTimeout)
		case <-s.peer.Done():
			return nil, nil
		case <-timer.C:
			name := Cap{s.name, s.version.Number}
			return nil, &gaveUp{protocol: name, err: fmt.Errorf("it has read no message for %v", stallTimeout)}
		}
	}
}

// Tick implements Handler.
func (s *runSession) Tick(time.Time) (time.Time, error) { return time.Time{}, nil }

// Close implements Handler. The context tells the function of the end.
func (s *runSession) Close(error) {}

// ReadMsg implements MsgReadWriter.
func (s *runSession) ReadMsg() (Msg, error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	for {
		if m, ok := s.in.take(); ok {
			return m, nil
		}
		select {
		case <-s.in.arrived:
		case <-s.peer.Done():
			if m, ok := s.in.take(); ok {
				return m, nil
			}
			return Msg{}, io.EOF
		}
	}
}

// WriteMsg implements MsgReadWriter.
func (s *runSession) WriteMsg(m Msg) error {
	if m.Code >= uint64(s.version.Length) {
		return fmt.Errorf("%w %#x: %s/%d has %d", ErrInvalidCode, m.Code, s.name, s.version.Number, s.version.Length)
	}
	if len(m.Payload) > rlpx.MaxSize {
		return fmt.Errorf("%w: payload of %d bytes, limit is %d", rlpx.ErrTooLarge, len(m.Payload), rlpx.MaxSize)
	}
	select {
	case s.out.token <- struct{}{}:
		defer func() { <-s.out.token }()
	case <-s.peer.Done():
	}
	if s.peer.Cause() != nil {
		return ErrClosed
	}
	s.out.put(m)
	s.peer.Wake()
	select {
	case err := <-s.out.done:
		return err
	case <-s.peer.Done():
		return s.out.recall()
	}
}
