// SPDX-License-Identifier: Apache-2.0

// in: settings, signals · out: lines, an error · goroutines: one that writes, one that
// waits for signals, and the node's

package main

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/sink"
)

const (
	// patience is how long the reader of standard output may take nothing at the end. Then the program ends
	// without having written everything.
	patience = 10 * time.Second

	// allPatience bounds the time for writing all waiting lines to a slow reader. Service managers kill a
	// process that has not ended after 90 s (systemd.service, TimeoutStopSec=).
	allPatience = 75 * time.Second
)

// watch runs a node and writes its events, until a signal, an error, or the end of the output.
func (p *program) watch(s settings) error {
	log := p.logger(&s)
	p.warn(&s, log)
	if needsDisk(s.blocks.history) {
		log.Warn("watch keeps blocks in memory, the last 1,024: --history is for run", "history", s.blocks.history)
		s.blocks.history = chain.HistoryDefault
	}
	if s.blocks.quorum == 0 {
		s.blocks.quorum = 1 // watch shows what peers say; a node that serves others asks for more peers that agree
	}
	return p.live(s, log, p.out, p.format(&s, log))
}

// live runs a node. It writes the node's events to out, until a signal, an error, or the end of out.
func (p *program) live(s settings, log *slog.Logger, out io.Writer, format sink.Format) error {
	queue := sink.New(time.Now(), s.keep())
	s.record = queue.Record
	if s.listen != "" {
		s.ready = func(url string) { log.Info("listening", "enode", url) }
	}
	closeData, err := s.openData(log)
	if err != nil {
		return err
	}
	defer closeData()
	defer s.keepChain(log)()
	var closeSeals func()
	s.seals, closeSeals = sealsOf(s.chain, s.blocks.seals)
	defer closeSeals()
	n, err := p.newNode(s)
	if err != nil {
		return err
	}
	if s.dev {
		log.Info(devNotice, "chain", devChain)
	} else if w := s.alone(); w != "" {
		log.Warn(w)
	}
	ctx, cancel, end := p.untilSignal()
	defer end()
	written := make(chan error, 1)
	go func() {
		err := queue.Run(out, format)
		cancel(err) // there is no reader any more
		written <- err
	}()

	stopStatus := s.answerStatus(n, log)
	runErr := nodeError(n.Run(ctx), s.listen, "--discovery.port")
	stopStatus()
	if runErr != nil && exitCode(runErr) == exitUsage {
		queue.Discard() // the node never began: there is nothing to sum up
	} else {
		queue.Close()
	}
	writeErr := p.settle(queue, written)
	if runErr != nil {
		return runErr
	}
	return writeErr
}

// settle waits until everything is written, within the limits for a slow reader.
func (p *program) settle(queue *sink.Queue, written <-chan error) error {
	inAll := time.After(allPatience)
	for {
		before := queue.Written()
		select {
		case err := <-written:
			return outputError(err)
		case <-inAll:
			return failure{fmt.Errorf("standard output: not everything was read within %d s; the rest is lost", allPatience/time.Second)}
		case <-time.After(patience):
			if queue.Written() == before {
				return failure{fmt.Errorf("standard output: nothing was read for %d s; the rest is lost", patience/time.Second)}
			}
		}
	}
}
