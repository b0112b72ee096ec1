// SPDX-License-Identifier: Apache-2.0

// in: signals · out: the end of a context, or of the process · goroutines: one that waits

package main

import (
	"context"
	"errors"
	"os"
	"time"
)

// untilSignal returns a context that ends with the first signal, or with cancel. A second signal ends the
// process. The caller calls end when the command is over.
func (p *program) untilSignal() (ctx context.Context, cancel context.CancelCauseFunc, end func()) {
	ctx, cancel = context.WithCancelCause(context.Background())
	over := make(chan struct{})
	go p.obey(p.signals(), cancel, over)
	return ctx, cancel, func() {
		close(over)
		cancel(nil)
	}
}

// sameSignal is the time after the first signal in which another one counts as the same. timeout, sudo and
// supervisors send a signal to the process and to its group, so it arrives twice although the user asked
// once.
const sameSignal = 500 * time.Millisecond

// obey ends the command in order at the first signal, and the process at the second.
func (p *program) obey(signals <-chan os.Signal, cancel context.CancelCauseFunc, over <-chan struct{}) {
	var first time.Time
	for {
		select {
		case sig := <-signals:
			switch now := time.Now(); {
			case first.IsZero():
				first = now
				cancel(signaled{sig})
			case now.Sub(first) >= sameSignal:
				p.exit(exitKilled)
				return
			}
		case <-over:
			return
		}
	}
}

// A signaled is the cause of an end by a signal.
type signaled struct{ os.Signal }

func (s signaled) Error() string { return s.String() }

// unlessSignal returns the cause of an end, or nil if the cause is a signal or a cancelled context.
func unlessSignal(cause error) error {
	if _, told := errors.AsType[signaled](cause); told || errors.Is(cause, context.Canceled) {
		return nil
	}
	return cause
}
