// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/ethpeer/ethpeer/event"
)

// A Violation is a rule that the remote side broke. It ends that one connection, and
// nothing else.
type Violation struct {
	Reason  Reason // what we say to them; ReasonNetwork closes without a word
	Err     error
	Foreign bool // the node belongs elsewhere, and will never be of use to us
}

func (v *Violation) Error() string { return v.Err.Error() }

// Unwrap returns what was wrong.
func (v *Violation) Unwrap() error { return v.Err }

// Breach returns a violation that is answered with "subprotocol error", which is what a
// breach of a protocol's own rules is called on the wire.
func Breach(format string, args ...any) error {
	return &Violation{Reason: ReasonSubprotocol, Err: fmt.Errorf(format, args...)}
}

// Foreign returns a violation of a node that will never be of use to us, because it belongs to
// something else than we do, another chain for example.
func Foreign(format string, args ...any) error {
	return &Violation{Reason: ReasonSubprotocol, Err: fmt.Errorf(format, args...), Foreign: true}
}

// breachBase returns a violation of the rules of devp2p itself.
func breachBase(reason Reason, format string, args ...any) error {
	return &Violation{Reason: reason, Err: fmt.Errorf(format, args...)}
}

// RemoteClose is a Disconnect that they sent.
type RemoteClose struct{ Reason Reason }

func (e *RemoteClose) Error() string { return "peer said: " + e.Reason.String() }

// LocalClose is our own decision to end a connection that broke no rule.
type LocalClose struct {
	Reason Reason
	Why    string // for the operator, if Reason does not say it all
}

func (e *LocalClose) Error() string {
	if e.Why != "" {
		return "we closed: " + e.Why
	}
	return "we closed: " + e.Reason.String()
}

// What a protocol may return, or wrap, for a message that it cannot read: the other side
// is told of a breach of protocol.
var (
	ErrDecode      = errors.New("invalid message")
	ErrInvalidCode = errors.New("invalid message code")
)

// gaveUp is the end that a protocol of ours chose, whatever kind of error it ran into.
type gaveUp struct {
	protocol Cap
	err      error
}

func (e *gaveUp) Error() string { return e.protocol.String() + ": " + e.err.Error() }

func (e *gaveUp) Unwrap() error { return e.err }

// ErrClosed is returned by what needs a peer that is no longer running.
var ErrClosed = errors.New("the peer's connection has ended")

// A Verdict is what an ended connection means.
type Verdict struct {
	By     event.By
	Reason Reason
	Said   bool          // Reason was sent or received
	Retry  time.Duration // before this node is worth another dial; 0 = the dialer's ordinary interval
}

// How long a node is left alone after an end that will not mend itself soon.
const (
	retryNever   = 30 * 24 * time.Hour // it belongs elsewhere: for as long as nodes are remembered
	retryForeign = time.Hour           // it has nothing for us: changes with a restart at best
	retryBroken  = 10 * time.Minute    // it broke a rule; a newer release may not
)

// Judge is the one table from an error to what it means. The remote's own words are
// echoed, as Ethereum's clients expect.
func Judge(cause error) Verdict {
	if _, ok := errors.AsType[*gaveUp](cause); ok {
		return Verdict{By: event.ByUs, Reason: ReasonSubprotocol, Said: true}
	}
	if v, ok := errors.AsType[*Violation](cause); ok {
		retry := retryAfter(v.Reason)
		if v.Foreign {
			retry = retryNever
		}
		return Verdict{By: event.ByUs, Reason: v.Reason, Said: v.Reason != ReasonNetwork, Retry: retry}
	}
	if r, ok := errors.AsType[*RemoteClose](cause); ok {
		return Verdict{By: event.ByThem, Reason: r.Reason, Said: true, Retry: retryAfter(r.Reason)}
	}
	if l, ok := errors.AsType[*LocalClose](cause); ok {
		return Verdict{By: event.ByUs, Reason: l.Reason, Said: l.Reason != ReasonNetwork, Retry: retryAfter(l.Reason)}
	}
	if fromNetwork(cause) {
		return Verdict{By: event.ByNetwork, Reason: ReasonNetwork}
	}
	return Verdict{By: event.ByUs, Reason: ReasonSubprotocol, Said: true} // a protocol of ours gave up
}

// fromNetwork reports whether an error says that bytes could not be moved.
func fromNetwork(err error) bool {
	for _, e := range []error{errHungUp, ErrPipeClosed, io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, net.ErrClosed, os.ErrDeadlineExceeded, context.DeadlineExceeded} {
		if errors.Is(err, e) {
			return true
		}
	}
	_, is := errors.AsType[net.Error](err)
	return is
}

// sayable reports whether the other side is told the reason. A network error is not, even
// if it is they who said it.
func (v Verdict) sayable() bool { return v.Said && v.Reason != ReasonNetwork }

func retryAfter(r Reason) time.Duration {
	switch r {
	case ReasonUseless, ReasonIncompatible, ReasonSelf:
		return retryForeign
	case ReasonProtocol, ReasonInvalidIdentity, ReasonUnexpectedID, ReasonSubprotocol:
		return retryBroken
	default: // too many peers, quitting, timeouts: not an insult
		return 0
	}
}
