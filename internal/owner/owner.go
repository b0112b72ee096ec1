// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"context"
	"errors"
	"time"
)

// ErrClosed is the end of the loop before there was a reply.
var ErrClosed = errors.New("it does not run any more")

// An Owner is how other goroutines ask the one that owns a machine.
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

// Close says that the loop has ended. It is called once.
func (o *Owner[M]) Close() { close(o.over) }

// Ask has the loop call post and waits for the reply, which post's machine gives once: a value,
// or the reason why there is none.
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

// Want is Ask for what cannot fail, and what the machine works for only while somebody waits: if
// ctx ends before there is a reply, withdraw tells the machine so, and it gives none after that.
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
