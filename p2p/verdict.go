// SPDX-License-Identifier: Apache-2.0

// in: the error that ended a connection · out: the side that ended it, the Disconnect, the retry

package p2p

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/ethpeer/ethpeer/event"
)

// A Verdict says what the end of a connection means.
type Verdict struct {
	By     event.By
	Reason Reason        // of the Disconnect; ReasonNetwork if the network ended the connection
	Said   bool          // a Disconnect with Reason was sent or received
	Retry  time.Duration // before the node is worth another dial; 0 = the dialer's ordinary interval

	// Score is what the end adds to the node's reputation, in points; 0 or less.
	Score float64
	// Lost says that the node did not answer, or not in time: Score then counts only if the node was of no
	// use before.
	Lost bool
}

// How long a node is left alone after an end that will not change soon.
const (
	retryNever   = 30 * 24 * time.Hour // the node belongs to another network: for as long as nodes are remembered
	retryForeign = time.Hour           // the node has nothing for us, which changes with a restart at best
	retryBroken  = 10 * time.Minute    // the node broke a rule; a newer release may not
)

// What an end adds to a reputation, in points.
const (
	scoreBreach  = -5 // the node broke a rule
	scoreUseless = -3 // neither side has a use for the other
	scoreLost    = -1 // the node could not be reached, or was lost
)

// Judge maps an error to its meaning. It is the only such table:
//
//	error                    by       said                 score       retry
//	*Violation               us       Reason, if !Silent   breach      10 minutes; 30 days if Foreign
//	*RemoteClose             them     Reason               by Reason   by Reason
//	*LocalClose              us       Reason, if !Silent   by Reason   by Reason
//	of the network           network  nothing              lost        0
//	any other, of our code   us       subprotocol error    0           0
//
// A Disconnect that they sent is answered with its own reason, as Ethereum's clients expect.
func Judge(cause error) Verdict {
	ours := Verdict{By: event.ByUs, Reason: ReasonSubprotocol, Said: true} // a local protocol failed
	if _, ok := errors.AsType[*gaveUp](cause); ok {
		return ours
	}
	if e, ok := errors.AsType[*Violation](cause); ok {
		v := Verdict{By: event.ByUs, Reason: e.Reason, Said: !e.Silent, Retry: retryBroken, Score: scoreBreach}
		if e.Foreign {
			v.Retry = retryNever
		}
		return v
	}
	if e, ok := errors.AsType[*RemoteClose](cause); ok {
		return ofReason(Verdict{By: event.ByThem, Reason: e.Reason, Said: true})
	}
	if e, ok := errors.AsType[*LocalClose](cause); ok {
		if e.Silent {
			return Verdict{By: event.ByUs, Reason: ReasonRequested}
		}
		return ofReason(Verdict{By: event.ByUs, Reason: e.Reason, Said: true})
	}
	if fromNetwork(cause) {
		return Verdict{By: event.ByNetwork, Reason: ReasonNetwork, Score: scoreLost, Lost: true}
	}
	return ours
}

// ofReason completes a verdict by its reason, whichever side sent it (devp2p/rlpx.md#disconnect-0x01).
// Reasons such as "too many peers" and "client quitting" are no fault.
func ofReason(v Verdict) Verdict {
	switch v.Reason {
	case ReasonUseless, ReasonIncompatible, ReasonSelf:
		v.Retry, v.Score = retryForeign, scoreUseless
	case ReasonProtocol, ReasonInvalidIdentity, ReasonUnexpectedID, ReasonSubprotocol:
		v.Retry, v.Score = retryBroken, scoreBreach
	case ReasonNetwork, ReasonTimeout:
		v.Score, v.Lost = scoreLost, true
	}
	return v
}

// fromNetwork reports whether an error means that bytes could not be moved.
func fromNetwork(err error) bool {
	for _, e := range []error{errHungUp, ErrPipeClosed, io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, net.ErrClosed, os.ErrDeadlineExceeded, context.DeadlineExceeded} {
		if errors.Is(err, e) {
			return true
		}
	}
	_, is := errors.AsType[net.Error](err)
	return is
}

// sayable reports whether the reason is sent. A network error never is, even if the remote side
// sent one (devp2p/rlpx.md#disconnect-0x01).
func (v Verdict) sayable() bool { return v.Said && v.Reason != ReasonNetwork }
