// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/ecc"
	"github.com/ethpeer/ethpeer/p2p"
)

// Config says who we are and whom we want. New copies it.
type Config struct {
	Key         *ecc.PrivateKey // required
	Client      string          // the name in our Hello
	Protocols   []p2p.Protocol
	MaxPeers    int            // 0 = 50
	MaxPending  int            // handshakes at once, inbound and dialled each; 0 = 50
	Listen      string         // host:port, port 0 = any; empty = do not listen
	External    netip.Addr     // the address in our own enode URL; invalid = the listener's
	Static      []enr.Node     // kept connected
	NetRestrict []netip.Prefix // empty = no restriction
	Record      event.Recorder

	// Ready is called once, when the server accepts connections, with our own node. May
	// be nil.
	Ready func(self enr.Node)

	// For tests:
	Rand io.Reader                                                        // nil = crypto/rand
	Dial func(ctx context.Context, addr netip.AddrPort) (net.Conn, error) // nil = TCP
}

// Limits of time.
const (
	dialTimeout    = 15 * time.Second
	resolveTimeout = 5 * time.Second
	setupTimeout   = 5 * time.Second // RLPx and Hello together
	acceptPause    = 200 * time.Millisecond
)

// A Server runs peers.
type Server struct {
	cfg       Config
	self      enr.ID
	admission *admission
	hello     p2p.Hello
	ends      chan dialEnd // to the dial loop
	conns     sync.WaitGroup
}

// New checks and copies the configuration.
func New(cfg Config) (*Server, error) {
	if cfg.Key == nil {
		return nil, errors.New("a node needs a private key")
	}
	if cfg.MaxPeers == 0 {
		cfg.MaxPeers = 50
	}
	if cfg.MaxPending == 0 {
		cfg.MaxPending = 50
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	if cfg.Dial == nil {
		cfg.Dial = func(ctx context.Context, addr netip.AddrPort) (net.Conn, error) {
			return (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "tcp", addr.String())
		}
	}
	key := cfg.Key.Public().Bytes()
	s := &Server{
		cfg:  cfg,
		self: enr.IDOf(cfg.Key.Public()),
		hello: p2p.Hello{
			Version: p2p.BaseVersion, Client: cfg.Client, Caps: p2p.Caps(cfg.Protocols), Key: key[:],
		},
		ends: make(chan dialEnd),
	}
	s.admission = newAdmission(s.self, cfg.MaxPeers, len(cfg.Static) > 0)
	return s, nil
}

// Run listens, dials and runs peers until ctx ends; then every peer is told that we quit,
// and all is joined. It fails at once if it cannot listen.
func (s *Server) Run(ctx context.Context) error {
	node := enr.Node{Key: s.cfg.Key.Public(), IP: s.cfg.External}
	var listener net.Listener
	if s.cfg.Listen != "" {
		var err error
		if listener, err = net.Listen("tcp", s.cfg.Listen); err != nil {
			return fmt.Errorf("cannot listen: %w", err)
		}
		at := listener.Addr().(*net.TCPAddr).AddrPort()
		node.TCP, node.UDP = at.Port(), at.Port()
		if !node.IP.IsValid() {
			node.IP = reachable(at.Addr().Unmap())
		}
	}
	if s.cfg.Ready != nil {
		s.cfg.Ready(node)
	}
	var loops sync.WaitGroup
	if listener != nil {
		loops.Go(func() { s.listen(ctx, listener) })
	}
	loops.Go(func() { s.dialLoop(ctx) })
	loops.Wait()
	s.conns.Wait()
	return nil
}

// reachable names the loopback address for a listener on all interfaces, until something
// better is known.
func reachable(ip netip.Addr) netip.Addr {
	if !ip.IsUnspecified() {
		return ip
	}
	return netip.AddrFrom4([4]byte{127, 0, 0, 1})
}

func (s *Server) allowed(ip netip.Addr) bool {
	if len(s.cfg.NetRestrict) == 0 {
		return true
	}
	for _, net := range s.cfg.NetRestrict {
		if net.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}
