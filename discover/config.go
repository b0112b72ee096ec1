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
	Self *self.Record    // required; the Finder tells it ports and what others see

	// Listen is the UDP address, as host:port; port 0 takes any free one. It is needed where
	// V4 or V5 is on.
	Listen string
	V4, V5 bool

	// Bootnodes are whom to ask first; host names are looked up. BootnodesV5 are asked in
	// version 5 only.
	Bootnodes, BootnodesV5 []enr.Node

	Lists    []string // enrtree:// URLs of lists in DNS; at most 16
	Restrict []netip.Prefix

	DB *nodedb.DB // what is remembered; nil = nothing. Its Run is the caller's

	// Unfit says in a few words why a node that was found is of no use, such as "wrong
	// fork"; the empty string means that it is wanted. Nil wants all. It is called from several
	// goroutines.
	Unfit func(enr.Node) (whyNot string)

	// Stated hears where others see us, as does Self. Nil = nobody else. It must not block.
	Stated func(now time.Time, by netip.Addr, seen netip.AddrPort)

	// Clock hears how far our clock is ahead of a node's, if that is so much that the packets of one
	// of the two expire: more than 15 s ahead, or 90 s behind (negative). One node is no proof that
	// our clock is the wrong one; an event.Trouble tells what nodes of several networks agree on.
	// Nil = not told. It must not block.
	Clock func(now time.Time, by netip.Addr, ahead time.Duration)

	// Online reports whether the network is known to be up, by a peer on the Internet, say. If no
	// datagram comes in all the same, that is told as an event.Trouble. Nil = not known. It must not block.
	Online func() bool

	// Route is told the error when no datagram can be sent to the Internet because this machine has
	// no route, and nil when one can be sent again. One goroutine calls it; it must not block. Nil = both
	// are told as an event.Trouble.
	Route func(err error)

	Record event.Recorder

	// For tests:
	Conn   Socket                                                       // nil = UDP, at Listen; Run closes it
	TXT    dns.Resolver                                                 // nil = the system's
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error) // nil = DNS, in bounded time
}

// A Socket is what of a *net.UDPConn is used.
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
	c.Lists, c.Restrict = slices.Clone(c.Lists), slices.Clone(c.Restrict)
	if c.Unfit == nil {
		c.Unfit = func(enr.Node) string { return "" }
	}
	if c.Lookup == nil {
		c.Lookup = new(hosts.Resolver).Lookup
	}
	return c, errors.Join(all...)
}

// named returns the nodes whose address has to be looked up.
func named(nodes []enr.Node) (out []enr.Node) {
	for _, n := range nodes {
		if n.Host != "" && !n.IP.IsValid() {
			out = append(out, n)
		}
	}
	return out
}
