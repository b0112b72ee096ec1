// SPDX-License-Identifier: Apache-2.0

package discover

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/discover/dns"
	"github.com/ethpeer/ethpeer/discover/self"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/hosts"
	"github.com/ethpeer/ethpeer/nodedb"
)

// Config says how to look for nodes. [New] copies it.
type Config struct {
	Key  *ecc.PrivateKey // required
	Self *self.Record    // required; the Finder sets its UDP port and passes on the endpoints that other nodes see

	// Listen is the UDP address, as host:port; port 0 takes any free one. It is needed where
	// V4 or V5 is on.
	Listen string
	V4, V5 bool

	// Bootnodes are the first nodes of a lookup; host names are resolved. BootnodesV5 are used by
	// version 5 only.
	Bootnodes, BootnodesV5 []enr.Node

	// BootLists are enrtree:// URLs of DNS lists (EIP-1459), at most 16, whose nodes are first nodes of a lookup, too: while the
	// table of an engine is empty, it is offered 16 of them at a time. Next does not return them; Lists does that.
	BootLists []string

	Lists    []string // enrtree:// URLs of DNS lists whose nodes Next returns; at most 16
	Restrict []netip.Prefix

	DB *nodedb.DB // the store of nodes; nil = none. The caller runs it

	// Unfit returns in a few words why a found node is of no use, such as "wrong
	// fork" (EIP-2124), or the empty string if it is wanted. Nil = all are wanted. Several goroutines
	// call it.
	Unfit func(enr.Node) (whyNot string)

	// Stated receives the local endpoint as another node sees it (devp2p/discv4.md#pong-packet-0x02,
	// devp2p/discv5/discv5-wire.md#pong-response-0x02). Self receives it too. May be nil. It must not block.
	Stated func(now time.Time, by netip.Addr, seen netip.AddrPort)

	// Clock receives how far the local clock is ahead of a node's, if the difference makes packets
	// expire: more than 15 s ahead, or 90 s behind (negative). One node is no proof that
	// the local clock is wrong; an event.Trouble is recorded when nodes of several networks agree.
	// May be nil. It must not block.
	Clock func(now time.Time, by netip.Addr, ahead time.Duration)

	// Online reports whether the network is known to be up, for example by a connected peer on the Internet. If it is up but no
	// datagram arrives, an event.Trouble is recorded. Nil = not known. It must not block.
	Online func() bool

	// Route receives the error when this machine has no route to the Internet, and nil when
	// datagrams can be sent again. One goroutine calls it; it must not block. Nil = both
	// are recorded as an event.Trouble.
	Route func(err error)

	Record event.Recorder

	// For tests:
	Conn   Socket                                                       // nil = UDP, at Listen; Run closes it
	TXT    dns.Resolver                                                 // nil = the system's
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error) // nil = DNS, in bounded time
}

// Socket is the subset of *net.UDPConn that discovery needs.
type Socket interface {
	ReadFromUDPAddrPort(b []byte) (n int, from netip.AddrPort, err error)
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error)
	LocalAddr() net.Addr
	Close() error
}

// maxHosts bounds the bootnodes that have a host name in place of an address.
const maxHosts = 64

func (c Config) complete() (Config, error) {
	var all []error
	if c.Key == nil || c.Self == nil {
		all = append(all, errors.New("discover: a Finder needs a key and a record of its own"))
	}
	if (c.V4 || c.V5) && c.Listen == "" && c.Conn == nil {
		all = append(all, errors.New("discover: discovery v4 and v5 need a UDP address to listen on"))
	}
	if n := len(named(c.Bootnodes)) + len(named(c.BootnodesV5)); n > maxHosts {
		all = append(all, fmt.Errorf("discover: %d bootnodes with host names, more than %d; leave some out", n, maxHosts))
	}
	c.Bootnodes, c.BootnodesV5 = slices.Clone(c.Bootnodes), slices.Clone(c.BootnodesV5)
	c.Lists, c.BootLists, c.Restrict = slices.Clone(c.Lists), slices.Clone(c.BootLists), slices.Clone(c.Restrict)
	if c.Unfit == nil {
		c.Unfit = func(enr.Node) string { return "" }
	}
	if c.Lookup == nil {
		c.Lookup = new(hosts.Resolver).Lookup
	}
	return c, errors.Join(all...)
}

// named returns the nodes that have a host name and no IP address.
func named(nodes []enr.Node) (out []enr.Node) {
	for _, n := range nodes {
		if n.Host != "" && !n.IP.IsValid() {
			out = append(out, n)
		}
	}
	return out
}
