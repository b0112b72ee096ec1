// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"errors"
	"fmt"
)

// A Violation is a rule that the remote side broke. It ends that one connection, and
// nothing else.
type Violation struct {
	Reason  Reason // of the Disconnect that they are sent; what the end is called if Silent
	Silent  bool   // close without a Disconnect: they would not understand one
	Err     error
	Foreign bool // the node belongs to another network than ours, and will never be of use
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

// unreadable returns a violation below the level of messages: bytes that no frame, no
// message or no Hello can be made of. A peer that sends them is not told.
func unreadable(err error) error {
	return &Violation{Reason: ReasonProtocol, Silent: true, Err: err}
}

// RemoteClose is a Disconnect that they sent.
type RemoteClose struct{ Reason Reason }

func (e *RemoteClose) Error() string { return "peer said: " + e.Reason.String() }

// LocalClose is our own decision to end a connection that broke no rule.
type LocalClose struct {
	Reason Reason
	Silent bool   // close without a Disconnect; Reason is not used
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
