// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"context"
	"time"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
)

// Ask sends a request and returns at once. done is called exactly once if Ask returns
// nil: with the reply, which owns its bytes, or with [ErrTimeout] after 5 s, or with the
// session's cause. It runs on the session's reader or owner and must not block. A reply
// that breaks a rule ends the session; done gets the violation.
//
// Ask fails with [ErrBusy] if 64 requests are in flight; up to eth/65 also if one of this
// kind is, or has timed out in the last 5 minutes and was not answered late. It fails with
// [ErrUnsupported] if the session's version has no such request, and with the session's
// cause if that has ended.
func Ask[R any, Q wire.Request[R]](s *Session, q Q, done func(R, error)) error {
	encode := func(id uint64) []byte { return q.Append(nil, s.version, id) }
	return s.requests.add(time.Now(), q.Ask(), encode, func(payload []byte, err error) error {
		if err != nil {
			var none R
			done(none, err)
			return nil
		}
		reply, err := q.ParseReply(s.version, payload)
		if err != nil {
			err = p2p.Breach("reply to %v: %w", q.Ask(), err)
		}
		done(reply, err)
		return err
	})
}

// Do is [Ask] for those who can wait: it returns the reply. It must not be called on a
// session's reader or owner (in a Role's methods), which would wait for itself.
func Do[R any, Q wire.Request[R]](ctx context.Context, s *Session, q Q) (R, error) {
	type result struct {
		reply R
		err   error
	}
	got := make(chan result, 1)
	var none R
	if err := Ask(s, q, func(reply R, err error) { got <- result{reply, err} }); err != nil {
		return none, err
	}
	select {
	case r := <-got:
		return r.reply, r.err
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
}
