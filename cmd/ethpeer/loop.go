// SPDX-License-Identifier: Apache-2.0

// in: settings, signals · out: lines, an error · goroutines: one that writes, one that
// waits for signals, and the node's

package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/ethpeer/ethpeer/sink"
)

// patience is how long the reader of standard output may take nothing at the end before
// we leave without having written everything.
const patience = 10 * time.Second

// watch runs a node and writes what it records, until a signal, an error, or the end of
// the output.
func (p *program) watch(s settings) error {
	queue := sink.New(time.Now(), s.keep())
	log := p.logger(&s)
	p.warn(&s, log)
	s.record = queue.Record
	if s.listen != "" {
		s.ready = func(url string) { log.Info("listening", "enode", url) }
	}
	closeData, err := s.openData(log)
	if err != nil {
		return err
	}
	defer closeData()
	n, err := p.newNode(s)
	if err != nil {
		return err
	}
	switch d := &s.discovery; {
	case s.dev:
		log.Info(devNotice, "chain", devChain)
	case len(s.static) == 0 && !d.V4 && !d.V5 && !d.DNS:
		log.Warn("no --peers, and nobody is looked for: waiting for others to connect")
	}
	ctx, cancel, end := p.untilSignal()
	defer end()
	written := make(chan error, 1)
	go func() {
		err := queue.Run(p.out, p.format(&s, log))
		cancel(err) // nobody is left to watch for
		written <- err
	}()

	runErr := nodeError(n.Run(ctx), s.listen)
	if runErr != nil && exitCode(runErr) == exitUsage {
		queue.Discard() // it never began: nothing to sum up
	} else {
		queue.Close()
	}
	writeErr := p.settle(queue, written)
	if runErr != nil {
		return runErr
	}
	return writeErr
}

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

// obey ends what runs in order at the first signal, and the process at the second.
func (p *program) obey(signals <-chan os.Signal, cancel context.CancelCauseFunc, over <-chan struct{}) {
	select {
	case sig := <-signals:
		cancel(signaled{sig})
	case <-over:
		return
	}
	select {
	case <-signals:
		p.exit(exitKilled)
	case <-over:
	}
}

// A signaled is why a program ends that was told to.
type signaled struct{ os.Signal }

func (s signaled) Error() string { return s.String() }

// unlessSignal returns the cause of an end, if nobody told us to end.
func unlessSignal(cause error) error {
	if _, told := errors.AsType[signaled](cause); told || errors.Is(cause, context.Canceled) {
		return nil
	}
	return cause
}

// settle waits until everything is written, as long as somebody reads.
func (p *program) settle(queue *sink.Queue, written <-chan error) error {
	for {
		before := queue.Written()
		select {
		case err := <-written:
			return outputError(err)
		case <-time.After(patience):
			if queue.Written() == before {
				return failure{errors.New("standard output: nobody has read for 10 s; the rest is lost")}
			}
		}
	}
}
