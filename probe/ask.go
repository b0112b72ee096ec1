// SPDX-License-Identifier: Apache-2.0

// in: a node · out: an answer · caller's goroutine

package probe

import (
	"context"
	crand "crypto/rand"
	"errors"
	"io"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/hosts"
	"github.com/ethpeer/ethpeer/p2p"
)

// Config holds our identity and the limits of [Ask].
type Config struct {
	Key     *ecc.PrivateKey // our node key; required
	Client  string          // our name, which the node sees
	Timeout time.Duration   // for each stage; 0 = 5 s

	// Dial opens a stream; nil = TCP. Lookup finds all addresses of a host name; nil = the
	// system's resolver. Both must return soon after ctx has ended.
	Dial   func(ctx context.Context, at netip.AddrPort) (net.Conn, error)
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)

	Rand io.Reader // nil = crypto/rand
}

const defaultTimeout = 5 * time.Second

func (c Config) complete() Config {
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.Dial == nil {
		c.Dial = dialTCP
	}
	if c.Lookup == nil {
		c.Lookup = new(hosts.Resolver).Lookup
	}
	if c.Rand == nil {
		c.Rand = crand.Reader
	}
	return c
}

func dialTCP(ctx context.Context, at netip.AddrPort) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "tcp", at.String())
}

// What ends an asking before anything was dialled.
var (
	errNoKey     = errors.New("probe: Config has no Key")
	errNoAddress = errors.New("the node has no TCP address")
)

// maxAddresses bounds the addresses of a host name that one Ask tries.
const maxAddresses = 4

// Ask asks one node. The addresses of a host name are tried in turn, until RLPx has proved that the
// node is at one of them; the answer is of the last that was tried. Ask returns when ctx has ended,
// too.
func Ask(ctx context.Context, cfg Config, n enr.Node) Answer {
	cfg = cfg.complete()
	var a Answer
	if cfg.Key == nil {
		return a.end(event.StageDial, errNoKey)
	}
	all, err := cfg.addresses(ctx, n)
	if err != nil {
		return a.end(event.StageDial, because(ctx, err))
	}
	for _, at := range all {
		a = cfg.askAt(ctx, n, at)
		if a.Took.RLPx > 0 || ctx.Err() != nil {
			break
		}
	}
	return a
}

// askAt asks the node at one address.
func (c *Config) askAt(ctx context.Context, n enr.Node, at netip.AddrPort) Answer {
	a := Answer{Addr: at}
	began := time.Now()
	stream, err := c.dial(ctx, at)
	if err != nil {
		return a.end(event.StageDial, because(ctx, err))
	}
	a.Took.Dial = took(began)

	broken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { stream.Close(); close(broken) })
	conn, hello, stage, err := c.greet(stream, n, &a)
	if !stop() {
		<-broken // so that nothing of ours is left behind
	}
	if err != nil {
		return a.end(stage, because(ctx, err))
	}
	return c.hear(ctx, conn, hello, n, &a)
}

// addresses returns where the node may be: at least one, unless it returns an error.
func (c *Config) addresses(ctx context.Context, n enr.Node) (all []netip.AddrPort, err error) {
	if n.Host == "" || n.IP.IsValid() {
		at, ok := n.TCPAddr()
		if !ok {
			return nil, errNoAddress
		}
		return []netip.AddrPort{at}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	ips, err := c.Lookup(ctx, n.Host)
	if err == nil && (len(ips) == 0 || n.TCP == 0) {
		err = errNoAddress
	}
	for _, ip := range ips[:min(len(ips), maxAddresses)] {
		all = append(all, netip.AddrPortFrom(ip.Unmap(), n.TCP))
	}
	return all, err
}

func (c *Config) dial(ctx context.Context, at netip.AddrPort) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	return c.Dial(ctx, at)
}

// greet runs the RLPx handshake and exchanges Hellos (devp2p/rlpx.md#initial-handshake). If it fails
// the stream is closed.
func (c *Config) greet(stream net.Conn, n enr.Node, a *Answer) (*p2p.Conn, *p2p.Hello, event.Stage, error) {
	began := time.Now()
	conn, err := p2p.Initiate(stream, c.Rand, c.Key, n.Key, began.Add(c.Timeout))
	if err != nil {
		stream.Close()
		return nil, nil, event.StageRLPx, err
	}
	a.Took.RLPx = took(began)

	began = time.Now()
	xy := c.Key.Public().Bytes()
	ours := &p2p.Hello{Version: p2p.BaseVersion, Client: c.Client, Caps: p2p.Caps(protocols(nil)), Key: xy[:]}
	theirs, err := p2p.ExchangeHello(conn, ours, n.ID(), began.Add(c.Timeout))
	if err != nil {
		p2p.SayGoodbye(conn, err)
		return nil, nil, event.StageHello, err
	}
	a.Took.Hello = took(began)
	a.Client, a.Caps = theirs.Client, theirs.Caps
	return conn, theirs, event.StageHello, nil
}

// took is never 0, which would say that it did not happen.
func took(began time.Time) time.Duration { return max(1, time.Since(began)) }

// because puts our own stop in the place of what it broke.
func because(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// explain sorts the end into what the node said and what is wrong with it.
func (a *Answer) explain(err error) {
	if said, ok := errors.AsType[*p2p.RemoteClose](err); ok {
		a.Reason = said.Reason.String()
		return
	}
	op, isOp := errors.AsType[*net.OpError](err)
	timeout, isNet := errors.AsType[net.Error](err)
	switch {
	case isHangup(err):
		err = errHungUp
	case isNet && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		err = errSilent
	case isOp:
		err = op.Err // the address is in the answer
	}
	a.Err = err
}

// isHangup reports whether they closed the connection, whatever we were doing.
func isHangup(err error) bool {
	for _, e := range []error{io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, syscall.EPIPE, syscall.ECONNRESET} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// What a node may do instead of an answer.
var (
	errHungUp = errors.New("the node closed the connection without a Disconnect")
	errSilent = errors.New("no answer in time")
)
