// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"context"
	"errors"
	"time"
)

// ErrClosed is returned when the loop ends before it has replied.
var ErrClosed = errors.New("it does not run any more")

// An Owner passes requests of other goroutines to the goroutine that owns a machine.
type Owner[M any] struct {
	posts chan func(m M, now time.Time)
	over  chan struct{}
}

// New returns the owner of machines of a type.
func New[M any]() *Owner[M] {
	return &Owner[M]{make(chan func(M, time.Time)), make(chan struct{})}
}

// Posts is what the loop receives from.
func (o *Owner[M]) Posts() <-chan func(m M, now time.Time) { return o.posts }

// Close ends the waits of all callers. The loop calls it once, at its end.
func (o *Owner[M]) Close() { close(o.over) }

// Ask has the loop call post, and waits until the machine calls reply: once, with a value or an error.
func Ask[M, R any](ctx context.Context, o *Owner[M], post func(m M, now time.Time, reply func(R, error))) (R, error) {
	type outcome struct {
		value R
		err   error
	}
	got, err := Want(ctx, o, func(m M, now time.Time, reply func(outcome)) {
		post(m, now, func(value R, err error) { reply(outcome{value, err}) })
	}, nil)
	if err != nil {
		return got.value, err
	}
	return got.value, got.err
}

// Want is [Ask] for a request that cannot fail and that the machine works for only while its caller
// waits: if ctx ends before the reply, the loop calls withdraw, and the machine must not reply after
// that.
func Want[M, R any](ctx context.Context, o *Owner[M], post func(m M, now time.Time, reply func(R)), withdraw func(m M)) (r R, err error) {
	replies := make(chan R, 1) // a reply that is not awaited any more blocks no goroutine
	select {
	case o.posts <- func(m M, now time.Time) { post(m, now, func(r R) { replies <- r }) }:
	case <-ctx.Done():
		return r, context.Cause(ctx)
	case <-o.over:
		return r, ErrClosed
	}
	select {
	case r = <-replies:
		return r, nil
	case <-o.over:
		return r, ErrClosed
	case <-ctx.Done():
	}
	if withdraw == nil {
		return r, context.Cause(ctx)
	}
	select { // the loop has taken the question: it runs, or is over
	case o.posts <- func(m M, _ time.Time) { withdraw(m) }:
	case <-o.over:
	}
	select {
	case r = <-replies: // at the last moment
		return r, nil
	default:
		return r, context.Cause(ctx)
	}
}
