// SPDX-License-Identifier: Apache-2.0

package discover

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/discover/self"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/nat"
)

// HostConfig says what a [Host] is. [NewHost] copies it.
type HostConfig struct {
	// Config is that of the Finder. Key is required; Self must be nil, since the Host makes the record. The record's sequence number
	// is kept in DB.
	Config

	// NoFinder leaves the Finder out: the Host neither finds nodes nor is found.
	NoFinder bool

	// TCP is the address of a TCP listener, as host:port, which is not the Host's: its owner tells the record the port (self.Record
	// SetTCP) and then calls [Host.Listening]. Empty = there is none.
	TCP string

	External netip.Addr // the address that others reach us at, if the operator knows it; it may be invalid
	NAT      nat.Method // how to find that address, and to map ports; the zero Method = not at all

	// Signed hears of each new version of the record, after Record has got it as [event.Self] (which is left out
	// until the TCP port is known). It must not block. Nil = not told.
	Signed func(*enr.Record)
}

// A Host is a node of the network without the eth protocol: its own record, a Finder, and what a router or a server says about its
// address. Create it with [NewHost], call Open, then Run. Its other methods may be called from any goroutine.
type Host struct {
	cfg       HostConfig
	record    *self.Record
	finder    *Finder // nil = none
	listening chan struct{}
	once      sync.Once // closes listening
}

// NewHost checks the configuration and makes the record. It opens nothing.
func NewHost(cfg HostConfig) (*Host, error) {
	switch {
	case cfg.Key == nil:
		return nil, errors.New("discover: a Host needs a key")
	case cfg.Self != nil:
		return nil, errors.New("discover: a Host makes its record itself; leave Config.Self nil")
	}
	h := &Host{cfg: cfg, listening: make(chan struct{})}
	c := self.Config{Key: cfg.Key, Start: time.Now(), Signed: h.onSigned}
	if cfg.DB != nil {
		c.Sequence, c.Save = cfg.DB.Sequence(), cfg.DB.SetSequence
	}
	h.record = self.New(c)
	if ip, ok := cfg.NAT.External(); ok {
		h.record.SetExternal(ip, 0, 0) // before anything is said of us
	}
	if cfg.External.IsValid() {
		h.record.SetExternal(cfg.External, 0, 0)
	}
	if cfg.TCP == "" {
		h.Listening()
	}
	if cfg.NoFinder {
		return h, nil
	}
	cfg.Self = h.record
	var err error
	h.finder, err = New(cfg.Config)
	return h, err
}

func (h *Host) onSigned(r *enr.Record) {
	if n := r.Node(); n.TCP != 0 || h.cfg.TCP == "" { // else the TCP port follows at once, with a report of its own
		h.cfg.Record.Record(event.Self{
			At: event.At{Time: time.Now()}, URL: n.URL(), Record: r.Text(), Seq: r.Seq(), Private: self.Private(n.IP),
		})
	}
	if h.cfg.Signed != nil {
		h.cfg.Signed(r)
	}
}

// Self returns the record as it is kept. What is set there is published.
func (h *Host) Self() *self.Record { return h.record }

// Node returns the Host as others see it: its record as of now, with its endpoints.
func (h *Host) Node() enr.Node { return h.record.Record().Node() }

// Finder returns the Finder, and nil where NoFinder is set.
func (h *Host) Finder() *Finder { return h.finder }

// Open binds the UDP socket, if V4 or V5 is on, and tells the record where it is. Its error is a *net.OpError if the port cannot be
// had.
func (h *Host) Open() error {
	if h.finder == nil {
		return nil
	}
	return h.finder.Open()
}

// Listening says that the TCP listener is bound and that the record knows its port: from now on ports are mapped. Further calls do
// nothing.
func (h *Host) Listening() { h.once.Do(func() { close(h.listening) }) }

// Run keeps the Host going until ctx ends; then all is joined and the socket is closed. It ends before with an error if the socket
// cannot be read any more. Open comes first, Run is called once.
func (h *Host) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	var loops sync.WaitGroup
	loops.Go(func() { h.runNAT(ctx) })
	var err error
	if h.finder != nil {
		err = h.finder.Run(ctx)
	} else {
		<-ctx.Done()
	}
	stop()
	loops.Wait()
	return err
}

// runNAT keeps the record in step with what a router or a server says of us.
func (h *Host) runNAT(ctx context.Context) {
	select {
	case <-h.listening:
	case <-ctx.Done():
		return
	}
	if _, named := h.cfg.NAT.External(); named && h.cfg.External.IsValid() {
		return // External comes first
	}
	if at := h.bound(); at.IsValid() && !nat.Mappable(at) && h.cfg.NAT.Asks() {
		return // what listens at an address of this machine only is reached by no router
	}
	ports := h.record.Node()
	_ = nat.Run(ctx, nat.Config{ // it ends with ctx, without an error
		Method: h.cfg.NAT, Ports: nat.Ports{TCP: ports.TCP, UDP: ports.UDP},
		Changed: func(e nat.External) { h.record.SetExternal(e.IP, e.TCP, e.UDP); h.record.Record() },
		Trouble: func(err error) {
			h.cfg.Record.Record(event.Trouble{At: event.At{Time: time.Now()}, Where: event.TroubleNAT, Err: err.Error()})
		},
	})
}

// bound returns the address that we listen at: that of TCP, or else that of the Finder. It is invalid if that is not known.
func (h *Host) bound() netip.Addr {
	if at, err := netip.ParseAddrPort(h.cfg.TCP); err == nil {
		return at.Addr()
	}
	if h.cfg.TCP == "" && h.finder != nil {
		return h.finder.Addr().Addr()
	}
	return netip.Addr{}
}
