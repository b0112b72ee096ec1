// SPDX-License-Identifier: Apache-2.0

// in: datagrams, nodes of each source · out: datagrams to their engine, nodes to the mix ·
// goroutines: the socket's reader, one an engine, one a source, one for host names, one for lists of bootnodes

package discover

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/event"
)

const (
	// maxDatagram is the limit of both versions (devp2p/discv4.md#wire-protocol,
	// devp2p/discv5/discv5-wire.md#udp-communication). Reading one byte more detects longer ones.
	maxDatagram = 1280

	// unwantedPause follows each unwanted node, so that a source with only unwanted nodes
	// in memory cannot occupy a core.
	unwantedPause = 2 * time.Millisecond

	readFailures = 1000 // failed reads in a row, after which reading ends
)

// Run looks for nodes and responds to requests until ctx ends; then it joins all goroutines and
// closes the socket. Call Open first.
func (f *Finder) Run(ctx context.Context) error {
	defer close(f.over)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var loops, reader sync.WaitGroup
	var failed error
	if f.v4 != nil {
		loops.Go(func() { _ = f.v4.Run(ctx) }) // both engines return nil when ctx ends
	}
	if f.v5 != nil {
		loops.Go(func() { _ = f.v5.Run(ctx) })
	}
	for i, from := range f.feeds {
		loops.Go(func() { f.pull(ctx, i, from) })
	}
	for _, h := range []*hostNames{f.names, f.names5} {
		loops.Go(func() { h.run(ctx, func(changed bool) { f.onHost(ctx, changed) }) })
	}
	if f.boot != nil {
		loops.Go(func() { f.boot.run(ctx, func() { f.onHost(ctx, true) }) })
	}
	if f.socket != nil {
		loops.Go(func() { f.watch(ctx) })
		reader.Go(func() {
			if err := f.read(); ctx.Err() == nil {
				failed = err
				stop()
			}
		})
	}
	<-ctx.Done()
	loops.Wait() // the engines may still write to the socket
	if f.socket != nil {
		f.socket.Close()
	}
	reader.Wait()
	return failed
}

// read passes each datagram to the engine of its protocol, until the socket is closed.
func (f *Finder) read() error {
	b := make([]byte, maxDatagram+1)
	failures := 0 // in a row
	for {
		n, from, err := f.socket.ReadFromUDPAddrPort(b)
		if err != nil {
			if failures++; failures <= readFailures && temporary(err) {
				continue
			}
			return err
		}
		failures = 0
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		if f.v4 != nil && f.v4.Deliver(from, b[:n]) || f.v5 != nil && f.v5.Deliver(from, b[:n]) {
			f.heard(from.Addr())
			continue
		}
		f.unknown.Add(1)
	}
}

// temporary reports whether a socket can still be read after an error. The next read also returns the errors of
// sent datagrams, such as an ICMP message that the port is closed.
func temporary(err error) bool {
	_, ok := errors.AsType[*net.OpError](err)
	return ok && !errors.Is(err, net.ErrClosed)
}

// pull offers the wanted nodes of a source to the mix.
func (f *Finder) pull(ctx context.Context, i int, from feed) {
	for {
		n, ok := from.next(ctx)
		foreign := ""
		if from.source == SourceDNS {
			foreign = f.cfg.foreign(n.IP)
		}
		switch {
		case !ok:
			return
		case foreign != "":
			f.refuse(from.source, n, foreign)
			if !pause(ctx, unwantedPause) {
				return
			}
		case !f.wanted(from.source, n):
			if !pause(ctx, unwantedPause) {
				return
			}
		case !f.mix.offer(ctx, i, Found{n, from.source}):
			return
		}
	}
}

// run looks up host names, in rounds. It calls found for each host that has addresses.
func (h *hostNames) run(ctx context.Context, found func(changed bool)) {
	if len(h.all) == 0 {
		return
	}
	for {
		var all sync.WaitGroup
		slots := make(chan struct{}, hostsAtOnce)
		for _, host := range h.round() {
			slots <- struct{}{}
			all.Go(func() {
				if ips, err := h.lookup(ctx, host); err == nil && len(ips) > 0 {
					found(h.onFound(host, ips))
				}
				<-slots
			})
		}
		all.Wait()
		if !pause(ctx, hostsAgain) {
			return
		}
	}
}

// onHost refreshes the engines when the addresses of a host have changed or a list has a bootnode; an engine ignores it unless its table
// is empty.
func (f *Finder) onHost(ctx context.Context, changed bool) {
	f.online.Store(true)
	if !changed {
		return
	}
	if f.v4 != nil {
		f.v4.Refresh(ctx)
	}
	if f.v5 != nil {
		f.v5.Refresh(ctx)
	}
}

const watchEvery = 10 * time.Second

// watch records an event.Trouble when UDP does not work.
func (f *Finder) watch(ctx context.Context) {
	for pause(ctx, watchEvery) {
		f.checkRoute(time.Now())
		if !f.online.Load() && (f.cfg.Online == nil || !f.cfg.Online()) {
			continue
		}
		now := time.Now()
		f.mu.Lock()
		wrong := f.udpHealth.blocked(now, f.Addr().Port())
		f.mu.Unlock()
		f.trouble(now, event.TroubleUDP, wrong, false)
	}
}

// checkRoute reports whether this machine has a route to the Internet, once for each change.
func (f *Finder) checkRoute(now time.Time) {
	f.mu.Lock()
	changed, err := f.route.check(now)
	f.mu.Unlock()
	switch {
	case !changed:
	case f.cfg.Route != nil:
		f.cfg.Route(err)
	case err != nil:
		f.trouble(now, event.TroubleNetwork, fmt.Sprintf("the network is down: discovery cannot send (%v); check this machine's connection to the Internet", err), false)
	default:
		f.trouble(now, event.TroubleNetwork, "discovery can send again", true)
	}
}

// heard records that a discovery datagram arrived.
func (f *Finder) heard(from netip.Addr) {
	f.mu.Lock()
	over := f.udpHealth.onHeard(from)
	f.mu.Unlock()
	if over {
		f.trouble(time.Now(), event.TroubleUDP, "UDP datagrams come in", true)
	}
}

// onClock records how far the local clock is ahead of a node's.
func (f *Finder) onClock(now time.Time, by netip.Addr, ahead time.Duration) {
	f.mu.Lock()
	wrong, over := f.clock.onClock(by, ahead)
	f.mu.Unlock()
	if f.cfg.Clock != nil && (ahead > clockAhead || ahead < -clockBehind) {
		f.cfg.Clock(now, by, ahead)
	}
	if over {
		wrong = "this machine's clock is right"
	}
	f.trouble(now, event.TroubleClock, wrong, over)
}

// trouble records a fault, or its end; it does nothing if what is empty.
func (f *Finder) trouble(now time.Time, where, what string, over bool) {
	if what != "" {
		f.cfg.Record.Record(event.Trouble{At: event.At{Time: now}, Where: where, Err: what, Over: over})
	}
}

// A sender is the Conn of the engines.
type sender struct{ f *Finder }

// WriteToUDPAddrPort sends a datagram and records the result for route and reach.
func (s sender) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	n, err := s.f.socket.WriteToUDPAddrPort(b, to)
	now := time.Now()
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	s.f.route.onSend(now, to.Addr(), err)
	if err == nil {
		s.f.udpHealth.onSent(now, to.Addr())
	}
	return n, err
}
