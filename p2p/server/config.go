// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/hosts"
	"github.com/ethpeer/ethpeer/nodedb"
	"github.com/ethpeer/ethpeer/p2p"
)

// Config describes our node and the peers that it keeps. New copies it.
type Config struct {
	Key       *ecc.PrivateKey // of our node (devp2p/rlpx.md#node-identity); required
	Client    string          // the name that our Hello states (devp2p/rlpx.md#hello-0x00)
	Protocols []p2p.Protocol  // our Hello lists their capabilities (devp2p/rlpx.md#capability-messaging)

	MaxPeers   int  // 0 = 50
	MaxPending int  // handshakes under way, of inbound and of dialled connections each; 0 = 50
	DialRatio  int  // we dial one of so many peers; 0 = 3
	NoDial     bool // never dial, not even static nodes; all places are for inbound peers
	Memory     int  // bytes that the large messages of all peers may take together; 0 = 256 MiB

	Listen      string         // host:port, port 0 = any; empty = do not listen
	External    netip.Addr     // the address that our own record states; invalid = the listener's
	Static      []enr.Node     // kept connected, as if by AddPeer
	Trusted     []enr.ID       // admitted when the server is full, as if by Trust
	NetRestrict []netip.Prefix // both directions; empty = no restriction

	// Neighbors returns addresses that the operator gave besides External, Listen and Static, such as those
	// of bootnodes. A candidate at a local address is dialled only if its local network (loopback, IPv4 /16,
	// IPv6 /48) has one of these addresses, or if NetRestrict names it. Nil = none. Any goroutine may call
	// it.
	Neighbors func() []netip.Addr

	NamedOnly  bool     // only static and trusted nodes are admitted
	Candidates Source   // nodes to dial when static nodes leave places; nil = none
	Resolver   Resolver // finds the addresses of static nodes; nil = only DNS does

	// Self keeps our own record, which other parts of the program may change while the server runs. Nil = the
	// server signs a record when it begins to listen.
	Self Self

	// Reputation judges nodes by how their connections end. Nil = a reputation that lasts for the run.
	Reputation Reputation

	Record event.Recorder

	// OnMessage is called for each protocol message that is sent or received, on goroutines of the peers. It
	// must not block. Nil (the default) costs nothing.
	OnMessage func(p2p.MessageEvent)

	// Ready is called once with our own node, when the server accepts connections. May be nil.
	Ready func(self enr.Node)

	// For tests. Nil = crypto/rand, TCP, the system's resolver, and TCP at Listen. Lookup returns all
	// addresses of a host. Run closes Listener.
	Rand     io.Reader
	Dial     func(ctx context.Context, addr netip.AddrPort) (net.Conn, error)
	Lookup   func(ctx context.Context, host string) ([]netip.Addr, error)
	Listener net.Listener
}

// A Candidate is a node to dial, with the name of the source that found it. The candidate event repeats that
// name.
type Candidate struct {
	Node   enr.Node
	Source string
}

// A Source finds candidates. One goroutine calls Next, when there is a place to fill.
type Source interface {
	// Next blocks until there is a candidate. It returns false when there will be no more candidates, or when
	// ctx has ended.
	Next(ctx context.Context) (Candidate, bool)
}

// Self is our own record (EIP-778). It may be called from any goroutine.
type Self interface {
	SetTCP(port uint16)
	SetFallback(ip netip.Addr)
	Node() enr.Node
}

// A Reputation returns for how long nodes are not worth a dial, by how their connections ended.
// [nodedb.Reputation] is one. One goroutine calls OnEnd and Forgotten, several call OnUp; none may block
// long.
type Reputation interface {
	// Cooldowns yields the nodes that are not worth a dial when the run begins, and for how long.
	Cooldowns(now time.Time) iter.Seq2[enr.ID, time.Duration]
	// OnUp takes a node that has become a peer; node is the zero Node if it came to us.
	OnUp(now time.Time, id enr.ID, node enr.Node)
	// OnEnd takes the end of a connection and returns for how long the node is not worth a dial.
	OnEnd(now time.Time, e nodedb.End) (wait time.Duration)
	// Forgotten returns how many nodes were forgotten since its last call, because of a bound.
	Forgotten() uint64
}

// A Resolver finds the current address of a node. Several goroutines may call it, for different nodes.
type Resolver interface {
	// Resolve returns what it found of the node. It returns false if it found nothing.
	Resolve(ctx context.Context, n enr.Node) (enr.Node, bool)
}

// Limits of time.
const (
	dialTimeout    = 15 * time.Second
	resolveTimeout = 5 * time.Second // for DNS, and for a Resolver
	setupTimeout   = 5 * time.Second // RLPx (devp2p/rlpx.md#initial-handshake) and Hello together
	acceptPause    = 200 * time.Millisecond
)

// complete returns a copy with all defaults filled in.
func (c Config) complete() (Config, error) {
	if err := c.problems(); err != nil {
		return Config{}, err
	}
	c.MaxPeers = orDefault(c.MaxPeers, 50)
	c.MaxPending = orDefault(c.MaxPending, 50)
	c.DialRatio = orDefault(c.DialRatio, DefaultDialRatio)
	c.Protocols = slices.Clone(c.Protocols)
	c.Static, c.Trusted, c.NetRestrict = slices.Clone(c.Static), slices.Clone(c.Trusted), slices.Clone(c.NetRestrict)
	if c.Reputation == nil {
		c.Reputation = nodedb.NewReputation(nil)
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Dial == nil {
		c.Dial = func(ctx context.Context, addr netip.AddrPort) (net.Conn, error) {
			return (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "tcp", addr.String())
		}
	}
	if c.Lookup == nil {
		c.Lookup = new(hosts.Resolver).Lookup
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

// DefaultDialRatio is used when Config.DialRatio is 0.
const DefaultDialRatio = 3

// dialLimit is the number of places for peers that we dial; the others are for inbound peers.
func (c *Config) dialLimit() int {
	if c.NoDial {
		return 0
	}
	return max(c.MaxPeers/c.DialRatio, 1)
}
