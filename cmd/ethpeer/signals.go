// SPDX-License-Identifier: Apache-2.0

// in: signals · out: the end of a context, or of the process · goroutines: one that waits

package main

import (
	"context"
	"errors"
	"os"
	"time"
)

// untilSignal returns a context that ends with the first signal, or with cancel; a second
// signal ends the process. The caller calls end when it is over.
func (p *program) untilSignal() (ctx context.Context, cancel context.CancelCauseFunc, end func()) {
	ctx, cancel = context.WithCancelCause(context.Background())
	over := make(chan struct{})
	go p.obey(p.signals(), cancel, over)
	return ctx, cancel, func() {
		close(over)
		cancel(nil)
	}
}

// sameSignal is how long after the first signal another one counts as the same. timeout, sudo
// and supervisors send a signal to the process and to its group, and so twice within an
// instant, where the user asked once for an orderly end.
const sameSignal = 500 * time.Millisecond

// obey ends what runs in order at the first signal, and the process at the second.
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

// A signaled is why a program ends that was told to.
type signaled struct{ os.Signal }

func (s signaled) Error() string { return s.String() }

// unlessSignal returns the cause of an end, unless that is a signal.
func unlessSignal(cause error) error {
	if _, told := errors.AsType[signaled](cause); told || errors.Is(cause, context.Canceled) {
		return nil
	}
	return cause
}
