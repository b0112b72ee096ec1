// SPDX-License-Identifier: Apache-2.0

// in: a node · out: what it says of itself, and of others · goroutines: the workers', and the
// finder's

package crawl

import (
	"context"
	"crypto/rand"
	"net/netip"
	"slices"

	"github.com/ethpeer/ethpeer/discover"
	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/hosts"
	"github.com/ethpeer/ethpeer/probe"
)

// A visitor asks single nodes. It is safe for concurrent use: its fields do not change.
type visitor struct {
	cfg    *Config
	host   *discover.Host
	finder *discover.Finder // the host's; nil: nothing is asked over UDP
	id     enr.ID           // our own
	lookup func(ctx context.Context, host string) ([]netip.Addr, error)
}

func newVisitor(cfg *Config) (*visitor, error) {
	host, err := discover.NewHost(discover.HostConfig{
		Config: discover.Config{
			Key: cfg.Key, Listen: cfg.Listen, V4: true, V5: true, Restrict: cfg.Restrict, BootLists: cfg.Lists, Conn: cfg.conn, TXT: cfg.txt,
		},
		NoFinder: cfg.NoDiscovery,
	})
	if err != nil {
		return nil, err
	}
	v := &visitor{cfg: cfg, host: host, finder: host.Finder(), id: enr.IDOf(cfg.Key.Public()), lookup: cfg.lookup}
	if v.lookup == nil {
		v.lookup = new(hosts.Resolver).Lookup
	}
	return v, host.Open()
}

// visit asks a node, at each of its addresses until it answers at one.
func (v *visitor) visit(ctx context.Context, n enr.Node) (of Visit) {
	all, err := v.endpoints(ctx, n)
	if err != nil {
		return Visit{Node: n, Err: err}
	}
	for _, n := range all {
		of = v.visitAt(ctx, n)
		if of.alive() || ctx.Err() != nil {
			break
		}
	}
	return of
}

// alive reports whether the node is at this address: it has answered over UDP, or has proved its key over
// TCP. That something accepts TCP there says nothing.
func (v *Visit) alive() bool { return v.Answered || v.Probe != nil && v.Probe.Reachable() }

// endpoints returns the node once for each of its addresses.
func (v *visitor) endpoints(ctx context.Context, n enr.Node) (all []enr.Node, err error) {
	if n.IP.IsValid() || n.Host == "" {
		return []enr.Node{n}, nil
	}
	ips, err := v.lookup(ctx, n.Host)
	if err != nil {
		return nil, err
	}
	for _, ip := range ips {
		n.IP = ip
		all = append(all, n)
	}
	return all, nil
}

func (v *visitor) visitAt(ctx context.Context, n enr.Node) Visit {
	of := Visit{Node: n}
	if _, ok := n.UDPAddr(); ok && v.finder != nil {
		a := answers{of: n}
		v.askV4(ctx, &a)
		v.askV5(ctx, &a)
		of.Answered, of.Node, of.Told = a.any, a.of, v.inside(a.told)
	}
	if !v.cfg.NoProbe && ctx.Err() == nil {
		say := probe.Ask(ctx, probe.Config{Key: v.cfg.Key, Client: v.cfg.Client}, of.Node)
		of.Probe = &say
	}
	return of
}

// answers are what a node said over UDP.
type answers struct {
	any  bool
	of   enr.Node // with the newest record that was seen
	told []enr.Node
}

// newest returns a node as its own record has it, at the place where it has answered if the record
// names none.
func newest(n, record enr.Node) enr.Node {
	if _, ok := record.UDPAddr(); !ok {
		record.IP, record.UDP = n.IP, n.UDP
		if record.TCP == 0 {
			record.TCP = n.TCP
		}
	}
	return record
}

// v4Targets is how many random targets a node gets in discovery v4: it returns the 16 nodes nearest
// to each (devp2p/discv4.md#findnode-packet-0x03).
const v4Targets = 8

// maxFailed is after how many requests in a row without an answer a node is asked no more: one
// answer may be lost.
const maxFailed = 2

// askV4 asks a node for its record (devp2p/discv4.md#enrrequest-packet-0x05), and then for the nodes
// nearest to random targets.
func (v *visitor) askV4(ctx context.Context, a *answers) {
	v4 := v.finder.V4()
	if r, err := v4.RequestRecord(ctx, a.of); err == nil {
		a.any, a.of = true, newest(a.of, kad.Reached(a.of, r))
	}
	a.askTargets(ctx, func() ([]enr.Node, error) {
		var target [64]byte
		_, _ = rand.Read(target[:]) // never fails
		return v4.Findnode(ctx, a.of, target)
	})
}

// askTargets sends FINDNODE for each target. It ends early if the node has answered nothing at all.
func (a *answers) askTargets(ctx context.Context, findnode func() ([]enr.Node, error)) {
	failed := 0
	for range v4Targets {
		found, err := findnode()
		if err != nil {
			if failed++; !a.any || failed == maxFailed || ctx.Err() != nil {
				return
			}
			continue
		}
		failed, a.any, a.told = 0, true, append(a.told, found...)
	}
}

const (
	// nearestDistance is the last distance that a visit asks about. Fewer than one node of 2^17
	// is nearer than that.
	nearestDistance = 240

	// maxEmpty is how many distances in a row may bring no node before the visit asks about all
	// nearer ones at once: half as many nodes are at each distance as at the one before.
	maxEmpty = 3
)

// askV5 asks for the node's own record, which is at distance 0
// (devp2p/discv5/discv5-wire.md#findnode-request-0x03), and then for others, from the largest
// distance, where half of all nodes are. One answer may be lost; a node that gives
// none twice in a row is asked no more.
func (v *visitor) askV5(ctx context.Context, a *answers) {
	empty, failed := 0, 0
	for d := uint(257); d >= nearestDistance && failed < maxFailed; d-- {
		distance := d % 257 // 257 is 0
		asked := []uint{distance}
		for empty == maxEmpty && d > nearestDistance {
			d--
			asked = append(asked, d)
		}
		found, err := v.finder.V5().Findnode(ctx, a.of, asked)
		if err != nil {
			if failed++; !a.any || ctx.Err() != nil {
				return // silent in discovery v4 too, or our own end
			}
			continue
		}
		failed, a.any = 0, true
		if distance == 0 {
			if len(found) > 0 {
				a.of = newest(a.of, found[0])
			}
			continue
		}
		a.told = append(a.told, found...)
		if empty++; len(found) > 0 {
			empty = 0
		}
	}
}

// inside leaves out the nodes outside of the networks to keep to, and ourselves.
func (v *visitor) inside(nodes []enr.Node) (in []enr.Node) {
	for _, n := range nodes {
		inNet := func(net netip.Prefix) bool { return net.Contains(n.IP.Unmap()) }
		if n.ID() != v.id && (len(v.cfg.Restrict) == 0 || slices.ContainsFunc(v.cfg.Restrict, inNet)) {
			in = append(in, n)
		}
	}
	return in
}
