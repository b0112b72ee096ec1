// SPDX-License-Identifier: Apache-2.0

package discover

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/discover/dns"
	"github.com/ethpeer/ethpeer/discover/self"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/nat"
)

// HostConfig configures a [Host]. [NewHost] copies it.
type HostConfig struct {
	// Config configures the Finder. Key is required; Self must be nil, since the Host makes the record. DB stores the record's
	// sequence number (EIP-778).
	Config

	// NoFinder leaves the Finder out: the Host does not find nodes, and other nodes do not find it.
	NoFinder bool

	// TCP is the address, as host:port, of a TCP listener that the caller owns. The caller sets the port in the record (self.Record.SetTCP)
	// and then calls [Host.Listening]. Empty = no listener.
	TCP string

	External netip.Addr // the address that other nodes reach this one at, if the operator knows it; may be the zero Addr
	NAT      nat.Method // how to find that address, and to map ports; the zero Method = not at all

	// Signed receives each new version of the record, after the [event.Self] of that version was recorded (there is none
	// until the TCP port is known). It must not block. May be nil.
	Signed func(*enr.Record)
}

// A Host is a node without the eth protocol: it keeps the local record (EIP-778), runs a Finder, and learns its external address
// from a router or a STUN server. Create it with [NewHost], call Open, then Run. Any goroutine may call its other methods.
type Host struct {
	cfg       HostConfig
	record    *self.Record
	finder    *Finder // nil = none
	listening chan struct{}
	once      sync.Once // closes listening
}

// NewHost checks the configuration and makes the record. It opens no socket.
func NewHost(cfg HostConfig) (*Host, error) {
	switch {
	case cfg.Key == nil:
		return nil, errors.New("discover: a Host needs a key")
	case cfg.Self != nil:
		return nil, errors.New("discover: a Host makes its record itself; leave Config.Self nil")
	}
	if _, err := dns.New(dns.Config{Lists: cfg.BootLists}); err != nil {
		return nil, err
	}
	h := &Host{cfg: cfg, listening: make(chan struct{})}
	c := self.Config{Key: cfg.Key, Start: time.Now(), Signed: h.onSigned}
	if cfg.DB != nil {
		c.Sequence, c.Save = cfg.DB.Sequence(), cfg.DB.SetSequence
	}
	h.record = self.New(c)
	if ip, ok := cfg.NAT.External(); ok {
		h.record.SetExternal(ip, 0, 0) // before the first version is signed
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
	if n := r.Node(); n.TCP != 0 || h.cfg.TCP == "" { // else the TCP port follows at once, with its own event
		h.cfg.Record.Record(event.Self{
			At: event.At{Time: time.Now()}, URL: n.URL(), Record: r.Text(), Seq: r.Seq(), Private: self.Private(n.IP),
		})
	}
	if h.cfg.Signed != nil {
		h.cfg.Signed(r)
	}
}

// Self returns the local record. Changes to it are published.
func (h *Host) Self() *self.Record { return h.record }

// Node returns the Host as other nodes see it: its current record and endpoints.
func (h *Host) Node() enr.Node { return h.record.Record().Node() }

// Finder returns the Finder, or nil if NoFinder is set.
func (h *Host) Finder() *Finder { return h.finder }

// Open binds the UDP socket, if V4 or V5 is on, and sets its port in the record. Its error is a *net.OpError if the port cannot be
// bound.
func (h *Host) Open() error {
	if h.finder == nil {
		return nil
	}
	return h.finder.Open()
}

// Listening starts the mapping of ports: the TCP listener is bound and the record has its port. Further calls do
// nothing.
func (h *Host) Listening() { h.once.Do(func() { close(h.listening) }) }

// Run runs the Host until ctx ends; then it joins all goroutines and closes the socket. It ends earlier, with an error, if the socket
// cannot be read any more. Call Open first, and Run once.
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

// runNAT updates the record with the external address that a router or a STUN server states.
func (h *Host) runNAT(ctx context.Context) {
	select {
	case <-h.listening:
	case <-ctx.Done():
		return
	}
	if _, named := h.cfg.NAT.External(); named && h.cfg.External.IsValid() {
		return // External takes precedence
	}
	if at := h.bound(); at.IsValid() && !nat.Mappable(at) && h.cfg.NAT.Asks() {
		return // a router cannot reach a listener on a loopback address
	}
	ports := h.record.Node()
	_ = nat.Run(ctx, nat.Config{ // returns nil when ctx ends
		Method: h.cfg.NAT, Ports: nat.Ports{TCP: ports.TCP, UDP: ports.UDP},
		Changed: func(e nat.External) { h.record.SetExternal(e.IP, e.TCP, e.UDP); h.record.Record() },
		Trouble: func(err error) {
			h.cfg.Record.Record(event.Trouble{At: event.At{Time: time.Now()}, Where: event.TroubleNAT, Err: err.Error()})
		},
		Over: func(works string) {
			h.cfg.Record.Record(event.Trouble{At: event.At{Time: time.Now()}, Where: event.TroubleNAT, Err: works, Over: true})
		},
	})
}

// bound returns the address of the TCP listener, or else of the Finder's socket. It returns the zero Addr if neither is known.
func (h *Host) bound() netip.Addr {
	if at, err := netip.ParseAddrPort(h.cfg.TCP); err == nil {
		return at.Addr()
	}
	if h.cfg.TCP == "" && h.finder != nil {
		return h.finder.Addr().Addr()
	}
	return netip.Addr{}
}
