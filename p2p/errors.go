// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"errors"
	"fmt"
)

// A Violation says which rule the remote side broke. It ends one connection and affects no other.
type Violation struct {
	Reason  Reason // of the Disconnect to send (devp2p/rlpx.md#disconnect-0x01); only reported if Silent
	Silent  bool   // close without a Disconnect, because the remote side could not read one
	Err     error
	Foreign bool // the node is on a network that is not ours
}

func (v *Violation) Error() string { return v.Err.Error() }

// Unwrap returns the error that says what was wrong.
func (v *Violation) Unwrap() error { return v.Err }

// Breach returns a violation of a protocol's own rules: the Disconnect says "subprotocol error"
// (devp2p/rlpx.md#disconnect-0x01, reason 0x10).
func Breach(format string, args ...any) error {
	return &Violation{Reason: ReasonSubprotocol, Err: fmt.Errorf(format, args...)}
}

// Foreign returns the violation of a node on another network, such as another chain. Such a node is not
// dialled again.
func Foreign(format string, args ...any) error {
	return &Violation{Reason: ReasonSubprotocol, Err: fmt.Errorf(format, args...), Foreign: true}
}

// breachBase returns a violation of the rules of devp2p itself.
func breachBase(reason Reason, format string, args ...any) error {
	return &Violation{Reason: reason, Err: fmt.Errorf(format, args...)}
}

// unreadable returns a violation below the level of messages: the bytes are no valid frame, message or Hello.
// It is silent: no Disconnect is sent.
func unreadable(err error) error {
	return &Violation{Reason: ReasonProtocol, Silent: true, Err: err}
}

// RemoteClose is a Disconnect from the remote side (devp2p/rlpx.md#disconnect-0x01).
type RemoteClose struct{ Reason Reason }

func (e *RemoteClose) Error() string { return "peer said: " + e.Reason.String() }

// LocalClose is our own decision to end a connection that broke no rule.
type LocalClose struct {
	Reason Reason
	Silent bool   // close without a Disconnect; Reason is not used
	Why    string // for the operator, if Reason does not say everything
}

func (e *LocalClose) Error() string {
	if e.Why != "" {
		return "we closed: " + e.Why
	}
	return "we closed: " + e.Reason.String()
}

// Errors that a protocol may return or wrap for a message that it cannot read: the Disconnect says
// "breach of protocol" (devp2p/rlpx.md#disconnect-0x01, reason 0x02).
var (
	ErrDecode      = errors.New("invalid message")
	ErrInvalidCode = errors.New("invalid message code")
)

// gaveUp is the error of a local protocol that ended the peer.
type gaveUp struct {
	protocol Cap
	err      error
}

func (e *gaveUp) Error() string { return e.protocol.String() + ": " + e.err.Error() }

func (e *gaveUp) Unwrap() error { return e.err }

// ErrClosed is returned by methods that need a running peer.
var ErrClosed = errors.New("the peer's connection has ended")
