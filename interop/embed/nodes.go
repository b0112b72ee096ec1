// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/crawl"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/probe"
	engineapi "github.com/ethpeer/ethpeer/rpc/engine"
	"github.com/ethpeer/ethpeer/rpc/forks"
	"github.com/ethpeer/ethpeer/sink"
	"github.com/ethpeer/ethpeer/sink/ndjson"
	"github.com/ethpeer/ethpeer/sink/terminal"
	"github.com/ethpeer/ethpeer/status"
)

var nodes = []part{
	{"ethpeer, devnet, sink, sink/ndjson", useNode},
	{"probe, crawl", useProbe},
	{"sink/terminal", useTerminal},
	{"status", useStatus},
	{"rpc/engine", useEngine},
	{"rpc/forks", useForks},
}

// useForks asks a node that is not there.
func useForks(ctx context.Context) error {
	cfg, err := forks.Fetch(ctx, nil, "http://127.0.0.1:1")
	return want(err != nil, "a node that is not there answers %v", cfg)
}

// useEngine listens for a consensus client that does not come.
func useEngine(ctx context.Context) error {
	s, err := engineapi.New(engineapi.Config{Listen: "127.0.0.1:0", Secret: make([]byte, 32)})
	if err != nil {
		return err
	}
	addr, err := s.Listen()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Run(ctx, nil); err != nil {
		return err
	}
	return want(addr.String() != "", "it listens at %v", addr)
}

// A hearing waits for one event of each of some kinds.
type hearing struct {
	mu      sync.Mutex // guards missing
	missing map[event.Kind]bool
	all     chan struct{} // closed when each was heard
}

func newHearing(kinds ...event.Kind) *hearing {
	h := &hearing{missing: map[event.Kind]bool{}, all: make(chan struct{})}
	for _, k := range kinds {
		h.missing[k] = true
	}
	return h
}

func (h *hearing) record(e event.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.missing[e.Kind()] {
		if delete(h.missing, e.Kind()); len(h.missing) == 0 {
			close(h.all)
		}
	}
}

func useNode(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	network, networkEnded, err := startNetwork(ctx)
	if err != nil {
		return err
	}
	queue, heard := sink.New(time.Now(), nil), newHearing(event.KindPeer, event.KindTx, event.KindBlock, event.KindHead)
	node, err := ethpeer.New(ethpeer.Config{
		Chain: network.Chain(), Static: network.Nodes(),
		Record: func(e event.Event) { queue.Record(e); heard.record(e) },
	})
	if err != nil {
		return err
	}
	var out bytes.Buffer
	ended, written := make(chan error, 1), make(chan error, 1)
	go func() { ended <- node.Run(ctx) }()
	go func() { written <- queue.Run(&out, &ndjson.Encoder{}) }()
	<-heard.all
	cancel()
	err = errors.Join(<-ended, <-networkEnded)
	queue.Close()
	err = errors.Join(err, <-written)
	return errors.Join(err, want(strings.Contains(out.String(), `"kind":"tx"`) && strings.Contains(out.String(), `"kind":"block"`), "%s", out.String()))
}

func useProbe(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	network, networkEnded, err := startNetwork(ctx)
	if err != nil {
		return err
	}
	key, err := ecc.NewPrivateKey(rand.Reader)
	if err != nil {
		return err
	}
	answer := probe.Ask(ctx, probe.Config{Key: key, Client: "embed/v1"}, network.Nodes()[0])
	report, err := crawl.Run(ctx, crawl.Config{Start: network.Nodes(), NoDiscovery: true})
	cancel()
	return errors.Join(err, <-networkEnded, answer.Err, want(answer.Reachable() && report.Visited == 2 && report.Reached == 2, "%+v", report))
}

func useTerminal(context.Context) error {
	line := string(new(terminal.Format).Append(nil, event.Trouble{Where: event.TroubleNAT, Err: "nothing is wrong"}))
	return want(strings.Contains(line, "is wrong"), "%q", line)
}

// useStatus asks a node how it is, over a socket.
func useStatus(ctx context.Context) error {
	mainnet, _ := params.ByName("mainnet")
	node, err := ethpeer.New(ethpeer.Config{Chain: mainnet})
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "embed")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	socket := filepath.Join(dir, status.SocketName)
	server, err := status.Listen(socket, node)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		server.Run(ctx)
		close(ended)
	}()
	report, err := status.Fetch(ctx, socket)
	cancel()
	<-ended
	if err != nil {
		return err
	}
	return want(report.Chain.Name == "mainnet" && report.Held.Head == 0, "%+v", report)
}
