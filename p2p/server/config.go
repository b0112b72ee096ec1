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
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
)

// Config says who we are and whom we want. New copies it.
type Config struct {
	Key       *ecc.PrivateKey // required
	Client    string          // the name in our Hello
	Protocols []p2p.Protocol

	MaxPeers   int  // 0 = 50
	MaxPending int  // handshakes at once, inbound and dialled each; 0 = 50
	DialRatio  int  // one of so many peers is one that we dialled; 0 = 3
	NoDial     bool // dial nobody, not even static nodes; all places are for inbound peers
	Memory     int  // bytes that large messages of all peers take together; 0 = 256 MiB

	Listen      string         // host:port, port 0 = any; empty = do not listen
	External    netip.Addr     // the address that our own record states; invalid = the listener's
	Static      []enr.Node     // kept connected, as if by AddPeer
	Trusted     []enr.ID       // admitted when the server is full, as if by Trust
	NetRestrict []netip.Prefix // both directions; empty = no restriction

	NamedOnly  bool     // nobody is admitted but static and trusted nodes
	Candidates Source   // whom to dial when static nodes leave places; nil = nobody
	Resolver   Resolver // finds the addresses of static nodes; nil = only DNS does

	// Self keeps our own record, which others may change while we run. Nil = the server
	// signs one when it begins to listen.
	Self Self

	// Standings remembers nodes from one run to the next. Nil = nothing is remembered.
	Standings Standings

	Record event.Recorder

	// OnMessage is told of each protocol message that is sent or received, on goroutines of
	// the peers. It must not block. Nil, the default, costs nothing.
	OnMessage func(p2p.MessageEvent)

	// Ready is called once, when the server accepts connections, with our own node. May
	// be nil.
	Ready func(self enr.Node)

	// For tests:
	Rand     io.Reader                                                        // nil = crypto/rand
	Dial     func(ctx context.Context, addr netip.AddrPort) (net.Conn, error) // nil = TCP
	Lookup   func(ctx context.Context, host string) ([]netip.Addr, error)     // nil = DNS
	Listener net.Listener                                                     // nil = TCP, at Listen; Run closes it
}

// A Candidate is a node that is worth a dial, and who found it, for the event that tells
// what became of it.
type Candidate struct {
	Node   enr.Node
	Source string
}

// A Source finds candidates. One goroutine calls Next, when there is a place to fill.
type Source interface {
	// Next blocks until it has one, and returns false when there will be none any more or
	// ctx has ended.
	Next(ctx context.Context) (Candidate, bool)
}

// Self is our own record. It may be called from any goroutine.
type Self interface {
	SetTCP(port uint16)
	SetFallback(ip netip.Addr)
	Node() enr.Node
}

// A Standing is what one connection with a node adds to what is known of it.
type Standing struct {
	ID        enr.ID
	Node      enr.Node // where we dialled it; the zero Node for one that came to us
	Score     float64  // as of At; it fades by half in an hour
	At        time.Time
	NotBefore time.Time     // it is to be left alone until then; zero = it need not be
	Up        time.Duration // how long it was of use; 0 with Ended = never
	Ended     bool          // else it has just come up
	Cause     string        // of the end
}

// Standings remembers them. Save is called from several goroutines and must not block long.
type Standings interface {
	Load() []Standing
	Save(Standing)
}

// A Resolver finds out where a node is now. Several goroutines may call it, for different
// nodes.
type Resolver interface {
	// Resolve returns what it found of the node, and false if that is nothing.
	Resolve(ctx context.Context, n enr.Node) (enr.Node, bool)
}

// Limits of time.
const (
	dialTimeout    = 15 * time.Second
	resolveTimeout = 5 * time.Second // for DNS, and for a Resolver
	setupTimeout   = 5 * time.Second // RLPx and Hello together
	acceptPause    = 200 * time.Millisecond
)

// complete returns a copy with the defaults filled in.
func (c Config) complete() (Config, error) {
	if err := c.problems(); err != nil {
		return Config{}, err
	}
	c.MaxPeers = orDefault(c.MaxPeers, 50)
	c.MaxPending = orDefault(c.MaxPending, 50)
	c.DialRatio = orDefault(c.DialRatio, DefaultDialRatio)
	c.Protocols = slices.Clone(c.Protocols)
	c.Static, c.Trusted, c.NetRestrict = slices.Clone(c.Static), slices.Clone(c.Trusted), slices.Clone(c.NetRestrict)
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Dial == nil {
		c.Dial = func(ctx context.Context, addr netip.AddrPort) (net.Conn, error) {
			return (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "tcp", addr.String())
		}
	}
	if c.Lookup == nil {
		c.Lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	return c, nil
}

func (c *Config) problems() error {
	var all []error
	if c.Key == nil {
		all = append(all, errors.New("a node needs a private key"))
	}
	for _, n := range []struct {
		name  string
		value int
	}{{"MaxPeers", c.MaxPeers}, {"MaxPending", c.MaxPending}, {"DialRatio", c.DialRatio}, {"Memory", c.Memory}} {
		if n.value < 0 {
			all = append(all, fmt.Errorf("%s is %d: want 0 for the default, or more", n.name, n.value))
		}
	}
	return errors.Join(all...)
}

func orDefault(v, otherwise int) int {
	if v == 0 {
		return otherwise
	}
	return v
}

// DefaultDialRatio is the DialRatio of who does not choose one.
const DefaultDialRatio = 3

// dialLimit is how many of the peers are to be ones that we dialled: the other places are
// free for those who need somebody to connect to.
func (c *Config) dialLimit() int {
	if c.NoDial {
		return 0
	}
	return max(c.MaxPeers/c.DialRatio, 1)
}
