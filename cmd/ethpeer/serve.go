// SPDX-License-Identifier: Apache-2.0

// in: settings, signals · out: messages, reports of the node · goroutines: those of live, and the status server's

package main

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/status"
)

// serve runs a node that keeps the chain, until a signal or an error.
func (p *program) serve(s settings) error {
	log := p.logger(&s)
	p.warn(&s, log)
	if s.dataDir == "" && needsDisk(s.blocks.history) {
		return s.historyError()
	}
	s.keepsChain = true
	return p.live(s, log, io.Discard, &logged{Format: noLines{}, log: log, loopback: s.onLoopback(), listens: s.listen != "", heads: slog.LevelInfo})
}

// noLines is a format without output.
type noLines struct{}

// Append returns dst.
func (noLines) Append(dst []byte, _ event.Event) []byte { return dst }

// answerStatus serves the status of a node, if it has any and the socket can be made. The caller calls stop
// before the node ends.
func (s *settings) answerStatus(n node, log *slog.Logger) (stop func()) {
	b, ok := n.(status.Backend)
	if !ok || !s.keepsChain || s.dataDir == "" {
		return func() {}
	}
	server, err := status.Listen(filepath.Join(s.dataDir, status.SocketName), b)
	if err != nil {
		log.Warn("ethpeer status will get no answer", "error", err)
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { server.Run(ctx) })
	return func() {
		cancel()
		running.Wait()
	}
}

// headsEvery is the least time between two logged heads: a sync has thousands.
const headsEvery = 10 * time.Second
