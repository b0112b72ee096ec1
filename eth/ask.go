// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"context"
	"errors"
	"time"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
)

// Errors of a request that are not the peer's fault.
var (
	ErrTimeout     = errors.New("the peer did not answer in time")
	ErrBusy        = errors.New("too many requests to this peer are in flight")
	ErrUnsupported = errors.New("the negotiated eth version has no such request")
	ErrPending     = errors.New("a request with this ID still waits for its reply")
)

// Options change how [AskWith] asks. The zero Options ask as [Ask] does.
type Options[R any] struct {
	// Timeout is how long the request waits for its reply; 0 = 5 s, or up to 20 s if the peer's
	// replies have taken longer than that. More than 1 minute means 1 minute.
	Timeout time.Duration

	// Late gets the reply if it comes after the timeout: within 5 minutes, after done got
	// ErrTimeout. It runs on the session's reader and must not block. It is called once at most.
	// Nil = a late reply is dropped. Each late reply is counted as an event.Loss "reply.late".
	Late func(R)

	// ID gets the request's ID before the request is sent, so that done can read it. Nil = it is not
	// wanted.
	ID *uint64

	// Queue makes a request wait for an earlier one of its kind up to eth/65, where otherwise AskWith fails with
	// [ErrBusy]. The timeout counts from now on.
	Queue bool

	// Again sends the request with the ID that ID has, instead of a new one: the next part of receipts
	// that came in part is asked for under the same ID (EIP-7975). The request whose ID it was must be
	// answered.
	Again bool
}

// Ask sends a request (devp2p/caps/eth.md#protocol-messages) and returns at once. If Ask returns nil,
// done is called exactly once: with the reply, which owns its bytes, with [ErrTimeout] after the
// timeout (see [Options]), or with the session's cause. It runs on the session's reader or owner
// and must not block. A reply that breaks a rule ends the session; done gets the violation.
//
// Ask fails with [ErrBusy] if 64 requests are in flight; up to eth/65, which has no request IDs
// (EIP-2481), also if one of this kind is in flight, or timed out in the last 5 minutes without a
// late reply, unless Options.Queue is set. It fails with [ErrPending] if Options.Again names a request that may still be answered,
// with [ErrUnsupported] if the session's version has no such request, and with
// the session's cause if the session has ended.
func Ask[R any, Q wire.Request[R]](s *Session, q Q, done func(R, error)) error {
	return AskWith(s, q, Options[R]{}, done)
}

// AskWith is [Ask] with options.
func AskWith[R any, Q wire.Request[R]](s *Session, q Q, o Options[R], done func(R, error)) error {
	_, err := ask(s, q, o, done)
	return err
}

// ask returns the number of the request.
func ask[R any, Q wire.Request[R]](s *Session, q Q, o Options[R], done func(R, error)) (uint64, error) {
	parse := func(payload []byte) (R, error) {
		reply, err := q.ParseReply(s.version, payload)
		if err != nil {
			err = p2p.Breach("reply to %v: %w", q.Ask(), err)
		}
		return reply, err
	}
	now := time.Now()
	one := request{again: o.Again, queue: o.Queue, row: q.Ask().Row(), deliver: func(payload []byte, err error) error {
		if err != nil {
			var none R
			done(none, err)
			return nil
		}
		reply, err := parse(payload)
		done(reply, err)
		return err
	}}
	if o.Timeout > 0 {
		one.deadline = now.Add(min(o.Timeout, longestTimeout)) // now.Add(a century) overflows
	}
	if o.Late != nil {
		one.late = func(payload []byte) error {
			reply, err := parse(payload)
			if err == nil {
				o.Late(reply)
			}
			return err
		}
	}
	if o.Again {
		one.id = *o.ID
	}
	return s.requests.ask(now, one, func(id uint64) []byte {
		if o.ID != nil {
			*o.ID = id
		}
		return q.Append(nil, s.version, id)
	})
}

// Do sends a request as [Ask] does, waits for the reply and returns it. A deadline of ctx is also the
// request's, up to 1 minute from now: after that Do returns ErrTimeout. When ctx ends, the request no longer counts as in flight. Do must not be called on a
// session's reader or owner (in the methods of a [Role] or a [Listener]): it would wait for itself.
func Do[R any, Q wire.Request[R]](ctx context.Context, s *Session, q Q) (R, error) {
	type result struct {
		reply R
		err   error
	}
	got := make(chan result, 1)
	var none R
	var o Options[R]
	if deadline, ok := ctx.Deadline(); ok {
		o.Timeout = max(1, time.Until(deadline))
	}
	id, err := ask(s, q, o, func(reply R, err error) { got <- result{reply, err} })
	if err != nil {
		return none, err
	}
	select {
	case r := <-got:
		return r.reply, r.err
	case <-ctx.Done():
		s.requests.withdraw(time.Now(), id)
		return none, context.Cause(ctx)
	}
}
