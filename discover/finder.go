// SPDX-License-Identifier: Apache-2.0

package discover

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/discover/dns"
	"github.com/ethpeer/ethpeer/discover/v4"
	"github.com/ethpeer/ethpeer/discover/v5"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/nodedb"
)

const seedsAtOnce = 30 // nodes of the store for each refresh of an engine

// A Finder finds nodes. Next belongs to one goroutine; the rest may be called from any.
type Finder struct {
	cfg    Config
	lists  *dns.Client // nil = none
	names  *hostNames  // of Bootnodes
	names5 *hostNames  // of BootnodesV5
	boot   *bootLists  // nil = none

	// From Open on:
	socket Socket   // nil = no discovery over UDP
	v4     *v4.Node // nil = off
	v5     *v5.Node // nil = off
	feeds  []feed
	mix    *mix
	first  []enr.Node // good peers of the store, returned first; owner: the caller of Next

	unknown atomic.Uint64
	online  atomic.Bool // a DNS lookup succeeded: the network is up

	mu        sync.Mutex // guards what follows
	udpHealth udpHealth
	route     route
	clock     clock

	over chan struct{} // closed when Run returns
}

// A feed is a source with its name.
type feed struct {
	source string
	next   func(ctx context.Context) (enr.Node, bool)
}

// New checks and copies the configuration. It opens no socket.
func New(cfg Config) (*Finder, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	f := &Finder{cfg: cfg, udpHealth: newUDPHealth(), clock: newClock(), over: make(chan struct{})}
	f.names, f.names5 = newHostNames(cfg.Bootnodes, cfg.Lookup), newHostNames(cfg.BootnodesV5, cfg.Lookup)
	if len(cfg.Lists) > 0 {
		if f.lists, err = dns.New(dns.Config{Lists: cfg.Lists, Resolver: cfg.TXT}); err != nil {
			return nil, err
		}
	}
	if len(cfg.BootLists) > 0 {
		client, err := dns.New(dns.Config{Lists: cfg.BootLists, Resolver: cfg.TXT})
		if err != nil {
			return nil, err
		}
		f.boot = &bootLists{cfg: &f.cfg, client: client}
	}
	return f, nil
}

// Open binds the UDP socket, if V4 or V5 is on, and sets its port in the local record. Call it
// before the other methods.
func (f *Finder) Open() error {
	if f.cfg.V4 || f.cfg.V5 {
		if err := f.bind(); err != nil {
			return err
		}
		if err := f.engines(); err != nil {
			f.socket.Close()
			return err
		}
	}
	if f.lists != nil {
		f.feeds = append(f.feeds, feed{SourceDNS, func(ctx context.Context) (enr.Node, bool) {
			n, ok := f.lists.Next(ctx)
			f.online.Store(f.online.Load() || ok)
			return n, ok
		}})
	}
	if f.cfg.DB != nil {
		f.feeds = append(f.feeds, feed{SourceStore, (&good{db: f.cfg.DB}).Next})
		f.first = f.cfg.DB.Good(time.Now(), goodAtOnce)
	}
	f.mix = newMix(len(f.feeds))
	return nil
}

func (f *Finder) bind() error {
	if f.socket = f.cfg.Conn; f.socket == nil {
		at, err := net.ResolveUDPAddr("udp", f.cfg.Listen)
		if err != nil {
			return fmt.Errorf("cannot listen for discovery on UDP %s: %w", f.cfg.Listen, err)
		}
		network := "udp" // of both families
		if at.IP.To4() != nil {
			network = "udp4"
		}
		conn, err := net.ListenUDP(network, at)
		if err != nil {
			return fmt.Errorf("cannot listen for discovery on UDP %s: %w", f.cfg.Listen, err)
		}
		f.socket = conn
	}
	at := f.Addr()
	f.cfg.Self.SetUDP(at.Port())
	ip := at.Addr()
	if ip.IsUnspecified() {
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1}) // until a better address is known
	}
	f.cfg.Self.SetFallback(ip)
	return nil
}

// Addr returns the address of the socket, or the zero AddrPort without a socket.
func (f *Finder) Addr() netip.AddrPort {
	if f.socket == nil {
		return netip.AddrPort{}
	}
	at, ok := f.socket.LocalAddr().(*net.UDPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(at.AddrPort().Addr().Unmap(), at.AddrPort().Port())
}

// Unknown returns how many datagrams belonged to no enabled protocol. They are not counted as losses: every port on the Internet
// receives such datagrams.
func (f *Finder) Unknown() uint64 { return f.unknown.Load() }

func (f *Finder) engines() (err error) {
	c := &f.cfg
	if c.V4 {
		f.v4, err = v4.New(v4.Config{
			Key: c.Key, Conn: sender{f}, Self: c.Self.Record, Restrict: c.Restrict, Record: c.Record, Clock: f.onClock,
			Bootnodes: placed(c.Bootnodes), Seeds: f.seeder(f.names),
			Stored: f.remember, Alive: f.remember, Stated: f.stated,
		})
		if err != nil {
			return err
		}
		f.feeds = append(f.feeds, feed{SourceV4, f.v4.Next})
	}
	if c.V5 {
		f.v5, err = v5.New(v5.Config{
			Key: c.Key, Conn: sender{f}, Self: c.Self.Record, Restrict: c.Restrict, Record: c.Record,
			Bootnodes: placed(c.Bootnodes, c.BootnodesV5...),
			Seeds:     f.seeder(f.names, f.names5),
			Stored:    f.remember, Alive: f.remember, Stated: f.stated,
		})
		if err != nil {
			return err
		}
		f.feeds = append(f.feeds, feed{SourceV5, f.v5.Next})
	}
	return nil
}

// V4 returns the engine of version 4, or nil if it is off or before Open.
func (f *Finder) V4() *v4.Node { return f.v4 }

// V5 returns the engine of version 5, or nil if it is off or before Open.
func (f *Finder) V5() *v5.Node { return f.v5 }

// placed returns the nodes that have an IP address.
func placed(nodes []enr.Node, more ...enr.Node) (out []enr.Node) {
	for _, n := range append(nodes[:len(nodes):len(nodes)], more...) {
		if n.IP.IsValid() {
			out = append(out, n)
		}
	}
	return out
}

// seeder returns the function Seeds of one engine: bootnodes with a resolved host name, nodes of BootLists, and nodes of the store. Only
// the engine's goroutine calls it.
func (f *Finder) seeder(names ...*hostNames) func(now time.Time) []enr.Node {
	turn := 0
	return func(now time.Time) (out []enr.Node) {
		for _, h := range names {
			out = append(out, h.seeds(turn)...)
		}
		turn++
		if f.boot != nil {
			out = append(out, f.boot.seeds()...)
		}
		if f.cfg.DB != nil {
			out = append(out, f.cfg.DB.Seeds(now, seedsAtOnce)...)
		}
		return out
	}
}

// stated passes on the local endpoint as a node sees it (devp2p/discv4.md#pong-packet-0x02,
// devp2p/discv5/discv5-wire.md#pong-response-0x02).
func (f *Finder) stated(now time.Time, by netip.Addr, seen netip.AddrPort) {
	f.cfg.Self.OnStatement(now, by, seen)
	if f.cfg.Stated != nil {
		f.cfg.Stated(now, by, seen)
	}
}

// remember stores a live node and the time of its last pong.
func (f *Finder) remember(now time.Time, n enr.Node) {
	if f.cfg.DB == nil {
		return
	}
	f.cfg.DB.Update(n.ID(), func(e *nodedb.Entry) {
		e.LastPong = now
		e.Node = nodedb.Newer(e.Node, n)
	})
}

// Next blocks until it has a wanted node. It returns false when ctx or Run has
// ended, and at once before Open. Only one goroutine may call it; without a call, no source looks for nodes.
func (f *Finder) Next(ctx context.Context) (Found, bool) {
	for len(f.first) > 0 {
		n := f.first[0]
		f.first = f.first[1:]
		if f.wanted(SourceStore, n) {
			return Found{n, SourceStore}, ctx.Err() == nil
		}
	}
	if f.mix == nil {
		return Found{}, false
	}
	return f.mix.next(ctx, f.over)
}

// wanted reports whether a node is wanted, and records the reason if not.
func (f *Finder) wanted(source string, n enr.Node) bool {
	why := f.cfg.Unfit(n)
	if why != "" {
		f.refuse(source, n, why)
	}
	return why == ""
}

// refuse records why Next does not return a node.
func (f *Finder) refuse(source string, n enr.Node, why string) {
	addr, _ := n.TCPAddr()
	f.cfg.Record.Record(event.Candidate{At: event.At{Time: time.Now()}, Peer: n.ID(), Addr: addr, Source: source, Why: why})
}

// Bootnodes returns the addresses of Config.Bootnodes and BootnodesV5: those that were given, and those that their host names have now.
// Any goroutine may call it.
func (f *Finder) Bootnodes() []netip.Addr {
	all := append(f.names.addresses(), f.names5.addresses()...)
	for _, n := range slices.Concat(f.cfg.Bootnodes, f.cfg.BootnodesV5) {
		if n.IP.IsValid() {
			all = append(all, n.IP)
		}
	}
	return all
}

// Resolve returns the current endpoint of a node, from its own response or from a lookup (devp2p/discv4.md#recursive-lookup,
// devp2p/discv5/discv5-theory.md#lookup). Version 4 is tried first.
func (f *Finder) Resolve(ctx context.Context, n enr.Node) (enr.Node, bool) {
	if f.v4 != nil {
		if found, ok := f.v4.Resolve(ctx, n); ok {
			return found, true
		}
	}
	if f.v5 != nil {
		return f.v5.Resolve(ctx, n)
	}
	return enr.Node{}, false
}
