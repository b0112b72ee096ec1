// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/netgroup"
	"github.com/ethpeer/ethpeer/p2p"
)

// A Server runs peers.
type Server struct {
	cfg       Config
	networks  netgroup.Prefixes
	admission *admission
	failures  *failures
	rules     dialRules
	hello     p2p.Hello
	budget    *p2p.Budget
	self      atomic.Pointer[enr.Node]

	commands   *commands       // to the dial loop, as are these:
	results    chan connResult // from connections
	candidates chan Candidate  // from the source of candidates

	conns sync.WaitGroup
}

// New checks and copies the configuration. Its error names everything that is wrong.
func New(cfg Config) (*Server, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	public := cfg.Key.Public()
	id, key := enr.IDOf(public), public.Bytes()
	s := &Server{
		cfg: cfg, networks: cfg.NetRestrict,
		admission: newAdmission(id, cfg.MaxPeers, cfg.dialLimit(), cfg.NetRestrict),
		failures:  newFailures(),
		hello: p2p.Hello{
			Version: p2p.BaseVersion, Client: cfg.Client, Caps: p2p.Caps(cfg.Protocols), Key: key[:],
		},
		budget:   p2p.NewBudget(cfg.Memory),
		commands: newCommands(), results: make(chan connResult), candidates: make(chan Candidate),
	}
	s.rules = dialRules{
		self: id, limit: cfg.dialLimit(), maxActive: cfg.MaxPending,
		networks: cfg.NetRestrict, skip: s.admission.pointless, near: s.near,
	}
	s.admission.namedOnly = cfg.NamedOnly
	s.self.Store(&enr.Node{Key: public, IP: cfg.External})
	for _, n := range cfg.Static {
		s.AddPeer(n)
	}
	for _, id := range cfg.Trusted {
		s.Trust(id)
	}
	return s, nil
}

// Self returns our own node with its current record: that of Config.Self, or the one that Run signed when it
// began to listen.
func (s *Server) Self() enr.Node {
	if s.cfg.Self != nil {
		return s.cfg.Self.Node()
	}
	return *s.self.Load()
}

// Run listens, dials and runs peers until ctx ends. It then sends every peer the Disconnect "client quitting"
// (0x08, devp2p/rlpx.md#disconnect-0x01) and returns when all goroutines have ended. It fails at once if it
// cannot listen. A Server runs once.
func (s *Server) Run(ctx context.Context) error {
	defer s.commands.close()
	listener, err := s.open()
	if err != nil {
		return fmt.Errorf("cannot listen: %w", err)
	}
	if err := s.introduce(listener); err != nil {
		if listener != nil {
			listener.Close()
		}
		return err
	}
	if s.cfg.Ready != nil {
		s.cfg.Ready(s.Self())
	}
	// Connections end only when no new one can begin, because a peer may reconnect right after our
	// Disconnect.
	stay, leave := context.WithCancel(context.WithoutCancel(ctx))
	defer leave()
	var loops sync.WaitGroup
	if listener != nil {
		loops.Go(func() { s.listen(ctx, stay, listener) })
	}
	if s.cfg.Candidates != nil {
		loops.Go(func() { s.collect(ctx) })
	}
	quiet, over := make(chan struct{}), make(chan struct{})
	dialling := make(chan struct{})
	go func() {
		s.dialLoop(ctx, stay, quiet, over)
		close(dialling)
	}()
	loops.Wait()
	<-quiet // no connection begins after this
	leave()
	s.conns.Wait()
	close(over)
	<-dialling
	s.lost("server.refused", s.failures.end())
	return nil
}

func (s *Server) open() (net.Listener, error) {
	if s.cfg.Listener != nil || s.cfg.Listen == "" {
		return s.cfg.Listener, nil
	}
	return net.Listen(tcpNetwork(s.cfg.Listen), s.cfg.Listen)
}

// tcpNetwork returns the network for net.Listen: "tcp4" for an IPv4 address, so that 0.0.0.0 means all IPv4
// addresses only; [::] and an empty host mean all addresses of both versions.
func tcpNetwork(listen string) string {
	if at, err := netip.ParseAddrPort(listen); err == nil && at.Addr().Is4() {
		return "tcp4"
	}
	return "tcp"
}

// state tells Config.Self the port and address of our listener.
func (s *Server) state(l net.Listener) {
	if l == nil {
		return
	}
	if at, ok := l.Addr().(*net.TCPAddr); ok {
		s.cfg.Self.SetTCP(at.AddrPort().Port())
		if ip := reachable(at.AddrPort().Addr().Unmap()); ip.IsValid() {
			s.cfg.Self.SetFallback(ip)
		}
	}
}

// introduce signs our own record (EIP-778), unless Config.Self keeps it. The record states the port of the
// listener, and Config.External or else the listener's own address.
func (s *Server) introduce(l net.Listener) error {
	if s.cfg.Self != nil {
		s.state(l)
		return nil
	}
	self := s.Self()
	var b enr.Builder
	if l != nil {
		if at, ok := l.Addr().(*net.TCPAddr); ok {
			self.TCP, self.UDP = at.AddrPort().Port(), at.AddrPort().Port()
			b.SetTCP(self.TCP)
			if !self.IP.IsValid() {
				self.IP = reachable(at.AddrPort().Addr().Unmap())
			}
		}
	}
	if self.IP.IsValid() {
		b.SetIP(self.IP)
	}
	record, err := b.Sign(s.cfg.Key, uint64(time.Now().UnixMilli()))
	if err != nil {
		return fmt.Errorf("cannot sign our node record: %w", err)
	}
	self.Record = record
	s.self.Store(&self)
	return nil
}

// reachable replaces the unspecified address of a listener on all interfaces by loopback, until a better
// address is known.
func reachable(ip netip.Addr) netip.Addr {
	if !ip.IsUnspecified() {
		return ip
	}
	return netip.AddrFrom4([4]byte{127, 0, 0, 1})
}
